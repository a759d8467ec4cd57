"""The languages a record can have, as `code=name`; facts of a contact definition dump."""

from __future__ import annotations

LANGUAGES = """
af=Afrikaans; sq=Albanian; sq-al=Albanian - Albania; ar=Arabic; ar-dz=Arabic - Algeria;
ar-bh=Arabic - Bahrain; ar-eg=Arabic - Egypt; ar-iq=Arabic - Iraq; ar-jo=Arabic - Jordan;
ar-kw=Arabic - Kuwait; ar-lb=Arabic - Lebanon; ar-ly=Arabic - Libya; ar-ma=Arabic - Morocco;
ar-om=Arabic - Oman; ar-qa=Arabic - Qatar; ar-sa=Arabic - Saudi Arabia; ar-sd=Arabic - Sudan;
ar-sy=Arabic - Syria; ar-tn=Arabic - Tunisia; ar-ae=Arabic - United Arab Emirates; ar-ye=Arabic -
Yemen; hy=Armenian; eu=Basque; be=Belarusian; be-by=Belarusian - Belarus; bg=Bulgarian;
bg-bg=Bulgarian - Bulgaria; ca=Catalan; ca-es=Catalan - Catalan; zh=Chinese; zh-cn=Chinese -
China; zh-hk=Chinese - Hong Kong SAR; zh-mo=Chinese - Macau SAR; zh-sg=Chinese - Singapore;
zh-tw=Chinese - Taiwan; zh-chs=Chinese (Simplified); zh-cht=Chinese (Traditional); hr=Croatian;
hr-hr=Croatian - Croatia; cs=Czech; cs-cz=Czech - Czech Republic; da=Danish; da-dk=Danish -
Denmark; nl=Dutch; nl-be=Dutch - Belgium; nl-nl=Dutch - The Netherlands; en=English; en-au=English
- Australia; en-ca=English - Canada; en-hk=English - Hong Kong; en-in=English - India;
en-ie=English - Ireland; en-my=English - Malaysia; en-mt=English - Malta; en-nz=English - New
Zealand; en-ph=English - Philippines; en-sg=English - Singapore; en-za=English - South Africa;
en-gb=English - United Kingdom; en-us=English - United States; en-zw=English - Zimbabwe;
et=Estonian; et-ee=Estonian - Estonia; fo=Faroese; fa=Farsi; fi=Finnish; fi-fi=Finnish - Finland;
fr=French; fr-be=French - Belgium; fr-ca=French - Canada; fr-fr=French - France; fr-lu=French -
Luxembourg; fr-mc=French - Monaco; fr-ch=French - Switzerland; gl=Galician; ka=Georgian;
de=German; de-at=German - Austria; de-de=German - Germany; de-gr=German - Greece; de-li=German -
Liechtenstein; de-lu=German - Luxembourg; de-ch=German - Switzerland; el=Greek; el-cy=Greek -
Cyprus; el-gr=Greek - Greece; gu=Gujarati; he=Hebrew; iw-il=Hebrew - Israel; hi=Hindi; hi-in=Hindi
- India; hu=Hungarian; hu-hu=Hungarian - Hungary; is=Icelandic; is-is=Icelandic - Iceland;
id=Indonesian; in-id=Indonesian - Indonesia; ga=Irish; ga-ie=Irish - Ireland; it=Italian;
it-it=Italian - Italy; it-ch=Italian - Switzerland; ja=Japanese; ja-jp=Japanese - Japan;
kn=Kannada; kk=Kazakh kok Konkani; kok=Konkani; ko=Korean; ko-kr=Korean - South Korea; ky=Kyrgyz;
lv=Latvian; lv-lv=Latvian - Latvia; lt=Lithuanian; lt-lt=Lithuanian - Lithuania; mk=Macedonian;
mk-mk=Macedonian - Macedonia; ms=Malay; ms-bn=Malay - Brunei; ms-my=Malay - Malaysia; mt=Maltese;
mt-mt=Maltese - Malta; mr=Marathi; mn=Mongolian; my=Burmese; my-mm=Burmese - Myanmar (Burma);
no=Norwegian; nb=Norwegian Bokmal; no-no=Norwegian - Norway; pl=Polish; pl-pl=Polish - Poland;
pt=Portuguese; pt-br=Portuguese - Brazil; pt-pt=Portuguese - Portugal; pa=Punjabi; ro=Romanian;
ro-ro=Romanian - Romania; ru=Russian; ru-ru=Russian - Russia; sa=Sanskrit; sr=Serbian;
sr-ba=Serbian - Bosnia and Herzegovina; sr-me=Serbian - Montenegro; sr-rs=Serbian - Serbia;
sr-cs=Serbian - Serbia and Montenegro (Former); sk=Slovak; sk-sk=Slovak - Slovakia; sl=Slovenian;
sl-si=Slovenian - Slovenia; es=Spanish; es-ar=Spanish - Argentina; es-bo=Spanish - Bolivia;
es-cl=Spanish - Chile; es-co=Spanish - Colombia; es-cr=Spanish - Costa Rica; es-cu=Spanish - Cuba;
es-do=Spanish - Dominican Republic; es-ec=Spanish - Ecuador; es-sv=Spanish - El Salvador;
es-gt=Spanish - Guatemala; es-hn=Spanish - Honduras; es-mx=Spanish - Mexico; es-ni=Spanish -
Nicaragua; es-pa=Spanish - Panama; es-py=Spanish - Paraguay; es-pe=Spanish - Peru; es-pr=Spanish -
Puerto Rico; es-es=Spanish - Spain; es-us=Spanish - United States; es-uy=Spanish - Uruguay;
es-ve=Spanish - Venezuela; sw=Swahili; sv=Swedish; sv-fi=Swedish - Finland; sv-se=Swedish -
Sweden; sy=Syriac; ta=Tamil; tt=Tatar; te=Telugu; th=Thai; th-th=Thai - Thailand; tr=Turkish;
tr-tr=Turkish - Turkey; uk=Ukrainian; uk-ua=Ukrainian - Ukraine; ur=Urdu; vi=Vietnamese;
vi-vn=Vietnamese - Vietnam
"""
