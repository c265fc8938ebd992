/** A text of one byte per character: CBOR's heads are written as escapes. */
const latin = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

/**
 * What most records have in them: the names of their fields with the heads of CBOR before and behind them, in the order in
 * which they stand there, and words of many manifests. Stored records point into it, so it is never changed: another one
 * is another form.
 */
export const recordDictionary: Uint8Array = latin(
  [
    "https://github.com/ https://gitlab.com/ https://www. .github.io/ @users.noreply.github.com> @gmail.com> ",
    "BSD-2-Clause BSD-3-Clause GPL-3.0-only GPL-3.0-or-later LGPL-3.0-only AGPL-3.0-only MPL-2.0 ISC Unlicense CC0-1.0 ",
    " for the and with from that into your of in to a ontology graph template generator parser server client library ",
    " typescript javascript python rust java golang sparql rdf owl turtle json yaml schema data code model api cli tool ",
    "com.org.io.github.net.dev.",
    "\xa5av\x01dkeys\x81X dtime\x1ajdtypeggenesisithreshold\x01",
    "\xa7av\x01ckeyX dprevX dtime\x1ajdtypeegrantelabelflaptopftyperevokerotate\xa9\xaaunyankdyankfreason",
    "\xa2bopY\x01",
    "\xa2bopY\x02",
    "\xabav\x01bidx\x18ckeyX ",
    "cseq\x01dprev\xf6cseq\x02dprevX ",
    "dtime\x1ajdtypegreleasegcontent\xa3ccid\xd8*X%\x00\x01U\x12 ",
    "ccid\xd8*X%\x00\x01p\x12 dsize\x19\x04\x00fsha256X ",
    "gversione0.1.0hmanifest\xa9dtags\x80gversione1.0.0hmanifest\xaadtags\x83dtags\x82dtags\x81",
    "ftitlegauthors\x80etitlex\x18gauthors\x81hhomepagex\x18glicensecMITglicensejApache-2.0glicense",
    "lBSD-3-Clausehcategoryeotherhcategoryhkeywords\x82hkeywords\x81hkeywords\x80",
    "hrequires\x80jrepositoryx\x20jggenCompatkdescriptionx\x20ldependencies\xa1ldependencies\xa0",
    "ipublisherX ",
    "dsigs\x82\xa2ckeyX csigX@dsigs\x81\xa2ckeyX ",
  ].join(""),
);
