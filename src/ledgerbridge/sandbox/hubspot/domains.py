"""
Which e-mail addresses HubSpot takes: a plain shape, and a last part that is a real one.

Two-letter last parts all pass. Of the longer ones the common registered ones are listed; what is
reserved for examples passes too, so that invented data can be used.
"""

from __future__ import annotations

import re

LISTED = """
academy accountant accountants actor adult aero agency airforce apartments app archi army arpa art
asia associates attorney auction audio auto autos baby band bank bar barcelona bargains bayern
beauty beer berlin best bet bible bid bike bingo bio biz black blog blue boats boston boutique
build builders business buzz cab cafe camera camp capital car cards care career careers cars casa
cash casino cat catering center charity chat cheap church city claims cleaning click clinic
clothing cloud club coach codes coffee college cologne com community company computer condos
construction consulting contact contractors cooking cool coop country coupons courses credit
cricket cruises cymru dance date dating day deals degree delivery democrat dental dentist design
dev diamonds diet digital direct directory discount doctor dog domains download earth eco edu
education email energy engineer engineering enterprises equipment estate eus events exchange
expert exposed express fail faith family fan fans farm fashion film finance financial fish fishing
fit fitness flights florist flowers football forsale foundation frl fun fund furniture futbol fyi
gallery game games garden gay gdn gent gift gifts gives glass global gmbh gold golf gov graphics
gratis green gripe group guide guitars guru hair hamburg haus health healthcare help hiphop hiv
hockey holdings holiday homes horse hospital host hosting hotel house how icu immo immobilien inc
industries info ink institute insurance insure int international investments irish ist istanbul
jetzt jewelry jobs kaufen kim kitchen kiwi koeln land law lawyer lease legal lgbt life lighting
limited limo link live llc loan loans london lotto love ltd luxury madrid maison makeup management
market marketing markets mba media melbourne memorial men menu miami mil mobi moda moe mom money
monster mortgage motorcycles movie museum nagoya name net network new news ngo ninja nrw nyc
observer okinawa one ong online ooo org page paris partners parts party pay pet phd photo
photography photos physio pics pictures pink pizza place plumbing plus poker press pro
productions promo properties property protection pub quebec racing radio realty recipes red rehab
reise reisen rent rentals repair report republican rest restaurant review reviews rich rip rocks
rodeo ruhr run sale salon sarl school schule science scot security services shiksha shoes
shop shopping show singles site ski skin soccer social software solar solutions soy space sport
storage store stream studio study style supplies supply support surf surgery swiss sydney
systems taipei tattoo tax taxi team tech technology tel tennis theater theatre tickets tienda tips
tires tirol today tokyo tools top tours town toys trade trading training travel tube university
uno vacations vegas ventures vet viajes video villas vin vip vision vodka vote voting voto voyage
wales watch webcam website wedding wien wiki win wine work works world wtf xyz yachts yoga
yokohama zone
"""
FREE_MAIL_PROVIDERS = """
aol.com gmail.com gmx.com gmx.de gmx.net googlemail.com hotmail.com icloud.com live.com me.com
msn.com outlook.com proton.me protonmail.com web.de yahoo.com
"""
RESERVED = frozenset({"example", "test"})
TOP_LEVEL = RESERVED.union(LISTED.split())
FREE_MAIL = frozenset(FREE_MAIL_PROVIDERS.split())

ADDRESS = re.compile(
    r"[^\s@\"(),:;<>\[\\\]\x00-\x20]+@"
    r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+"
    r"(?P<top>[^\W\d_]{2,63}|xn--[\w-]+)"
)
LENGTH_MAX = 254


def is_address(text: str) -> bool:
    """Whether HubSpot would take `text` as a contact's e-mail."""
    if len(text) > LENGTH_MAX or ".." in text:
        return False
    found = ADDRESS.fullmatch(text)
    if found is None or text.startswith(".") or ".@" in text:
        return False
    top = found["top"].lower()
    return len(top) == 2 or top in TOP_LEVEL or not top.isascii() or top.startswith("xn--")
