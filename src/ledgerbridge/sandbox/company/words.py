"""
The words that the believable company is drawn from: data only.

Every person, business, street and town here is invented by combining these lists; telephone numbers
keep to the ranges that the countries reserve for fiction.
"""

from __future__ import annotations


def _words(block: str) -> list[str]:
    """The words of a block of text."""
    return block.split()


def _phrases(block: str) -> list[str]:
    """The phrases of a block of text, with a bar between two."""
    return [phrase.strip() for phrase in block.split("|")]


# Given and family names of people written in Latin letters without marks.
GIVEN = _words("""
    Ada Alma Anders Annika Arlo Astrid Basil Beatrix Bennet Birgit Bruno Calla Caspar Cedric Clara
    Conrad Cora Dagmar Delia Desmond Dora Edda Edgar Elias Elsie Emil Enid Esther Ewan Fay Felix
    Fergus Fern Flora Floyd Freya Gemma Gilbert Greta Gus Hanna Harriet Hazel Hector Hilda Hugo Ida
    Imogen Inga Iris Isak Ivo Jasper Joan Jonas Judith Juno Kasper Kit Lars Leona Leopold Lottie
    Lucian Mabel Magnus Maren Marius Matilda Maud Mira Nadine Nell Nils Nora Odette Olive Orson Otis
    Pauline Pearl Percy Petra Philippa Quentin Ralph Ramona Renata Rosalind Rufus Sabine Saul Selma
    Sidney Silas Solveig Stella Sylvia Tabitha Tessa Theo Tilda Tobias Ursula Vera Viggo Violet
    Walter Wanda Wilma Winston Yara Yvonne Zelda
""")

FAMILY = _words("""
    Abernathy Alder Ashdown Askew Barrow Bellweather Birch Blackthorn Bramwell Brandt Briar
    Brook Burrows Calder Carrow Chandler Cobb Coldwell Copperfield Crane Crowhurst Dahl Dale
    Darrow Dove Drummond Eastgate Elkwood Ellery Fairbairn Falk Farrow Fenwick Finch Flint Frost
    Gable Garnet Glass Goodwell Granger Greenhalgh Grove Hale Hallow Harrow Hart Hawthorn Heath
    Heron Hobb Hollins Holm Ingram Ironside Jarrow Kestrel Kirkby Knott Lark Larkspur Linden
    Lindqvist Locke Lund Madder Marlow Marsh Meadows Merriweather Mistral Moss Nettle
    Nightingale North Oakes Orchard Osgood Palfrey Partridge Pebble Pike Pinewood Plover Pryce
    Quill Rainford Redfern Reed Rook Rowan Rushworth Sallow Sandford Sedge Shaw Skye Sorrel
    Sparrow Stonebridge Storm Swift Tamsin Tarn Teasdale Thistle Thorne Tilney Underhill Vale
    Vance Wainwright Walden Weaver Westerly Whitlock Wilde Willoughby Winterbourne Wolfe Wood
    Wren Yarrow Yew
""")

# Names with an apostrophe: the character that every query language has to escape.
FAMILY_WITH_APOSTROPHE = ["O'Dell", "O'Marrow", "D'Arbelle", "O'Thorne", "L'Amoreaux", "N'Diall"]

# People whose names are written in other scripts: given, family, and both in Latin letters.
PEOPLE_OF_OTHER_SCRIPTS = [
    ("Zoë", "Müßiggang", "zoe", "muessiggang"),
    ("Søren", "Ågård", "soren", "agard"),
    ("Łucja", "Wiśniówka", "lucja", "wisniowka"),
    ("Iñigo", "Peñalver Güell", "inigo", "penalver"),
    ("Șerban", "Țurcanu", "serban", "turcanu"),
    ("Þóra", "Eldgrímsdóttir", "thora", "eldgrimsdottir"),
    ("Přemysl", "Ořechovský", "premysl", "orechovsky"),
    ("さくら", "青葉", "sakura", "aoba"),
    ("健一", "松ヶ枝", "kenichi", "matsugae"),
    ("明月", "林", "mingyue", "lin"),
    ("Олеся", "Вишневецька", "olesia", "vyshnevetska"),
    ("Мирон", "Ладогин", "miron", "ladogin"),
    ("Μυρτώ", "Θαλασσινού", "myrto", "thalassinou"),
    ("نور", "البستاني", "nour", "albustani"),
    ("נועה", "אלון־שקד", "noa", "alonshaked"),
    ("अनन्या", "वनराज", "ananya", "vanaraj"),
    ("하늘", "솔", "haneul", "sol"),
    ("Nguyệt", "Đặng Thảo", "nguyet", "dang"),
]

BUSINESS_FIRST = _words("""
    Amber Anchor Ashgrove Badger Bayside Beacon Birchwood Bluebell Bramble Brightwater Canyon
    Cedar Chestnut Cinder Clover Cobalt Copper Coral Crescent Cypress Driftwood Eastbrook Elm
    Emberly Evergreen Falcon Fern Foxglove Gable Gander Garnet Granite Greystone Harbor Hazel
    Heather Heron Hillcrest Hollow Indigo Ivy Juniper Kestrel Kingfisher Lakeside Lantern Larch
    Lavender Linden Lighthouse Magnolia Maple Marigold Meadow Millstone Moonrise Mosswood
    Northgate Oakham Orchard Osprey Otter Pebble Pinecrest Plum Poplar Quarry Raven Redbud Ridge
    Riverbend Rosemary Saffron Sage Sandpiper Seabright Slate Snowdrop Sparrow Spruce Starling
    Summit Sycamore Tamarack Thicket Thistle Timber Umber Verbena Walnut Westwind Wildrose Willow
""")

BUSINESS_SECOND = _words("""
    Bakery Books Brewing Cafe Catering Ceramics Chocolates Clinic Cycles Dairy Dental Design
    Diner Farms Fitness Florist Furniture Gallery Grocers Hotel Interiors Kitchens Landscaping
    Laundry Legal Library Logistics Marina Market Masonry Media Motors Music Nursery Optics
    Outfitters Paints Pharmacy Photo Pottery Press Realty Roasters School Studio Supply Tea
    Tiles Tools Travel Veterinary Vineyard Woodworks Yoga
""")

BUSINESS_FORMS = ["", "", "", " Inc.", " LLC", " Co.", " Group", " Partners"]

# Businesses whose names take every kind of care: ampersands, apostrophes, other scripts.
BUSINESSES_OF_OTHER_SCRIPTS = [
    ("Bäckerei Süßholz & Söhne", "suessholz"),
    ("Crêperie L'Étoile d'Été", "letoile"),
    ("青空珈琲店", "aozora"),
    ("Ταβέρνα Η Ελιά", "elia"),
    ("Кав'ярня «Липа»", "lypa"),
    ("مكتبة النخلة", "nakhla"),
    ("Piekarnia Złoty Kłos", "zlotyklos"),
    ("Frisør Blåbær", "blabaer"),
]

LONG_NAME_WORDS = _words("""
    Association of the Friends and Keepers of the Public Gardens Parks Orchards Promenades Ponds
    and Allotments of the United Parishes of Upper and Lower Wetherby Vale including Saint Aldwyn
    under the Hill Incorporated
""")

STREETS = _words("""
    Alder Amberly Beechnut Bellflower Birchfield Brambling Candlewick Cartwright Cloverleaf Cobbler
    Coppice Cranberry Curlew Dovecote Elderflower Fallow Fiddler Foxtail Gooseberry Greenfinch
    Hayloft Hazelnut Honeycomb Ironmonger Jackdaw Kingcup Larkrise Lilac Mallow Millrace Nutmeg
    Oxbow Paddock Periwinkle Quince Ramblers Rookery Saddler Skylark Snapdragon Sweetbriar
    Teasel Thimble Turnstile Vinegar Wagtail Weathervane Whistler Wicket Windmill
""")

STREET_KINDS = ["St", "Street", "Ave", "Avenue", "Rd", "Road", "Lane", "Blvd", "Court", "Way"]

TOWNS = _words("""
    Alderbrook Ashmere Bellhaven Brackenford Calderport Cinderfield Dunmarsh Eastmere Elderton
    Fairhollow Fernhill Glenmoor Graywater Harborview Ivybridge Juniperville Kestrelton Larkfield
    Maplecross Newhollow Oakenshire Pinemarsh Port-Ellery Quarryton Ravensmoor Saltmarsh
    Thornbury-Vale Umberfield Westhollow Willowmere
""")

STATES = ["CA", "OR", "WA", "NV", "AZ", "CO", "NM", "UT", "ID", "TX"]

# One row a country: what clerks write as its name, towns, streets, regions, and the
# postal code and telephone forms (`#` any digit, `?` any letter, the rest as it stands).
COUNTRIES: dict[str, dict[str, list[str]]] = {
    "GB": {
        "names": ["United Kingdom", "UK", "England"],
        "towns": ["Nether Wallow", "Great Thistleby", "Saltburrow-on-Sea"],
        "streets": ["Tanner's Row", "Old Ropewalk", "St Aldwyn's Hill"],
        "regions": ["Norfolk", "Kent", ""],
        "postal_codes": ["ZZ1# #ZZ", "ZZ9 #YX"],
        "phones": ["020 7946 0###", "+44 20 7946 0###", "07700 900###", "+44 7700 900###"],
    },
    "DE": {
        "names": ["Germany", "Deutschland"],
        "towns": ["Neu-Lindenau", "Mühlgrund", "Ober-Ahornstein"],
        "streets": ["Grünspechtweg", "Alte Mühlstraße", "Königskerzengasse"],
        "regions": ["", "Bayern", "Hessen"],
        "postal_codes": ["0####"],
        "phones": ["030 23125 ###", "+49 30 23125###", "+49 (0)30 / 23125-###"],
    },
    "FR": {
        "names": ["France"],
        "towns": ["Saint-Aubépin", "Clairmarais-sur-Orge", "Belle-Ronce"],
        "streets": ["rue de l'Écureuil", "impasse des Érables", "quai du Vieux-Lavoir"],
        "regions": [""],
        "postal_codes": ["99###"],
        "phones": ["01 99 00 ## ##", "+33 1 99 00 ## ##", "0199.00.##.##"],
    },
    "CA": {
        "names": ["Canada"],
        "towns": ["Lac-aux-Loutres", "Moosewater", "New Fernhill"],
        "streets": ["Rang des Bouleaux", "Sugarbush Road", "Beaverdam Crescent"],
        "regions": ["ON", "QC", "BC"],
        "postal_codes": ["?#? #?#"],
        "phones": ["(613) 555-01##", "1-514-555-01##", "+1 604 555 01##"],
    },
    "AU": {
        "names": ["Australia", "AU"],
        "towns": ["Wattle Reach", "Kookaburra Flat"],
        "streets": ["Bottlebrush Parade", "Banksia Terrace"],
        "regions": ["NSW", "VIC"],
        "postal_codes": ["9###"],
        "phones": ["(02) 5550 ####", "+61 2 5550 ####"],
    },
    "SE": {
        "names": ["Sweden", "Sverige"],
        "towns": ["Åkerbärsnäs", "Norra Ekhult"],
        "streets": ["Smörblomsvägen", "Björkgränd"],
        "regions": [""],
        "postal_codes": ["9## ##"],
        "phones": ["08-465 004 ##", "+46 8 465 004 ##"],
    },
    "JP": {
        "names": ["Japan", "日本"],
        "towns": ["青葉ヶ丘市", "Aobagaoka-shi"],
        "streets": ["桜通り", "Sakura-dori"],
        "regions": ["架空県", "Kaku-ken"],
        "postal_codes": ["999-####"],
        "phones": [""],
    },
    "MX": {
        "names": ["México", "Mexico"],
        "towns": ["Santa Jacaranda", "Peñasco del Colibrí"],
        "streets": ["Calle de los Ahuehuetes", "Privada Colibrí"],
        "regions": ["Jal.", "N.L."],
        "postal_codes": ["0####"],
        "phones": [""],
    },
}

TITLES = ["Ms.", "Mr.", "Mrs.", "Dr.", "Mx.", "Prof."]
JOB_TITLES = ["Owner", "Office manager", "Head of purchasing", "Architect", "Accounts payable"]
SUFFIXES = ["Jr.", "Sr.", "III"]

NOTES = [
    "Ring the bell at the side gate; the front one is broken.",
    "Prefers deliveries before noon.\nNever on Fridays.",
    "Pays by the end of the month whatever the terms say.",
    "Referred by the garden show. Send the spring price list.",
    "Two dogs on the site – call ahead.",
]

JOBS = _phrases("""
    Atrium|Boathouse|Bridge lights|Cold frames|Courtyard|East wing|Fountain|Gatehouse|Greenhouse|
    Guest house|Harbor lights|Herb garden|Kitchen remodel|Loading dock|North terrace|Orangery|
    Orchard wall|Pergola|Play area|Pond|Rain garden|Retaining wall|Roof garden|Rose beds|
    Sun deck|Tea house|Terrace|Tree house|Warehouse|Winter garden
""")

MEMOS = [
    "Thank you for your business.",
    "Second of three instalments.",
    "As agreed on site – “no charge” for the delivery.",
    "Please quote the invoice number with your transfer.",
    "Danke & merci!",
]

PRIVATE_NOTES = ["Called about the gate; wants it green.", "Price agreed by phone."]

DESCRIPTION_ONLY_LINES = [
    "Work carried out according to the plan of the first visit.",
    "The following items were delivered on a second trip:",
    "Guarantee: two seasons on all plants.",
]

CREWS = ["North crew", "South crew", "Night crew", "Two from the nursery"]

DEALS = ["Spring planting", "Courtyard redesign", "Irrigation upgrade", "Yearly care", "Show stand"]
