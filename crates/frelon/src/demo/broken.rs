//! Messages that are wrong on purpose, each in one way that real archives have shown.

use super::clock::{self, Zone};
use super::compose::Letter;
use super::draft::Source;
use super::rng::Dice;

/// A message given line by line; `{id}` becomes a local part made from the seed.
struct Wreck {
    key: &'static str,
    source: Source,
    at: &'static str,
    envelope: &'static str,
    bytes: &'static [u8],
}

const WRECKS: &[Wreck] = &[
    Wreck {
        key: "broken-no-message-id",
        source: Source::Commission,
        at: "2017-03-02 11:20",
        envelope: "r.taupenot@eaux.kessara.example",
        bytes: b"From: r.taupenot@eaux.kessara.example\nTo: tous@eaux.kessara.example\nSubject: Essai du nouveau photocopieur\nDate: Thu, 2 Mar 2017 11:20:00 +0200\n\nCeci est un essai du nouveau photocopieur, qui sait envoyer des messages.\nIl ne sait pas encore leur donner d'identifiant. Chaque chose en son temps.\n",
    },
    Wreck {
        key: "broken-three-message-ids",
        source: Source::Commission,
        at: "2017-05-18 09:41",
        envelope: "n.sahbaz@eaux.kessara.example",
        bytes: b"Message-ID: <{id}.first@eaux.kessara.example>\nFrom: n.sahbaz@eaux.kessara.example\nMessage-ID: <{id}.second@relay.eaux.kessara.example>\nTo: h.marsaudon@eaux.kessara.example\nSubject: Numune listesi\nDate: Thu, 18 May 2017 09:41:00 +0300\nMessage-ID:\n <{id}.third@scanner.eaux.kessara.example>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=us-ascii\n\nListe yolda. Uc sunucudan gecti, her biri kendi imzasini atti.\nOnemli olan: V-2 sisesi 12 numara, raf iki.\n",
    },
    Wreck {
        key: "broken-date-2038",
        source: Source::Commission,
        at: "2017-11-20 07:58",
        envelope: "bulletin@hydro.eaux.kessara.example",
        bytes: b"Received: from logger7.mirsane.example (unknown [192.0.2.77])\n by mx1.eaux.kessara.example with SMTP id {id};\n Mon, 20 Nov 2017 05:58:03 +0000\nDate: Tue, 19 Jan 2038 05:14:07 +0200\nFrom: Enregistreur 7 <bulletin@hydro.eaux.kessara.example>\nTo: h.marsaudon@eaux.kessara.example\nMessage-ID: <{id}@logger7.mirsane.example>\nSubject: LOGGER 7 CLOCK BATTERY LOW\n\nP-14 387.9\nCLOCK BATTERY LOW\n",
    },
    Wreck {
        key: "broken-date-1970",
        source: Source::Commission,
        at: "2018-02-24 03:15",
        envelope: "bulletin@hydro.eaux.kessara.example",
        bytes: b"Received: from logger7.mirsane.example (unknown [192.0.2.77])\n by mx1.eaux.kessara.example with SMTP id {id};\n Sat, 24 Feb 2018 01:15:22 +0000\nDate: Thu, 1 Jan 1970 00:00:00 +0000\nFrom: Enregistreur 7 <bulletin@hydro.eaux.kessara.example>\nTo: h.marsaudon@eaux.kessara.example\nMessage-ID: <{id}@logger7.mirsane.example>\nSubject: LOGGER 7 RESTARTED\n\nP-14 394.9\nALARM VALUE 394 EXCEEDED\nRECIPIENT OF ALARM: (none configured)\n",
    },
    Wreck {
        key: "broken-nul-bytes",
        source: Source::Commission,
        at: "2018-03-19 16:44",
        envelope: "cemal.tugrul@mirsane.eaux.kessara.example",
        bytes: b"From: cemal.tugrul@mirsane.eaux.kessara.example\nTo: kerem.aslanoba@mirsane.eaux.kessara.example\nMessage-ID: <{id}@mirsane.eaux.kessara.example>\nDate: Mon, 19 Mar 2018 16:44:00 +0200\nSubject: veri karti\nMIME-Version: 1.0\nContent-Type: text/plain; charset=us-ascii\nContent-Transfer-Encoding: 8bit\n\nAbi kart islanmis, okunan bu kadar:\nP12 387.0\0\0\0\0P13 391.2\0\0P14 396.3\0\0\0\0\0\0\0\0\nSonrasi bos geliyor.\n",
    },
    Wreck {
        key: "broken-cr-cr-lf",
        source: Source::Translator,
        at: "2017-07-08 14:02",
        envelope: "tilda.brackenbury@castor-thwaite.example",
        bytes: b"From: Tilda Brackenbury <tilda.brackenbury@castor-thwaite.example>\r\r\nTo: salwa@deuxrives.example\r\r\nSubject: fax gateway: page 88\r\r\nDate: Sat, 8 Jul 2017 12:02:00 +0100\r\r\nMessage-ID: <{id}@fax.castor-thwaite.example>\r\r\n\r\r\nForwarded by the fax gateway, which counts every line end twice.\r\r\n\r\r\nPage 88, line 14: \"see Annex D\".\r\r\nMarginal note, by hand: \"delete? ask G.\"\r\r\n",
    },
    Wreck {
        key: "broken-truncated-multipart",
        source: Source::Commission,
        at: "2018-06-08 10:31",
        envelope: "l.astravel@ombrelle.example",
        bytes: b"From: Lucien Astravel <l.astravel@ombrelle.example>\nTo: b.quillac@cabinet.eaux.kessara.example\nMessage-ID: <{id}@ombrelle.example>\nDate: Fri, 8 Jun 2018 10:31:00 +0300\nSubject: Elements de langage\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"----=_NextPart_{id}\"\n\n------=_NextPart_{id}\nContent-Type: text/plain; charset=us-ascii\n\nPropositions en piece jointe. Surtout ne pas prononcer le mot annexe.\n\n------=_NextPart_{id}\nContent-Type: application/pdf; name=\"elements.pdf\"\nContent-Transfer-Encoding: base64\n\nJVBERi0xLjQKJeLjz9MKMSAwIG9iago8PCAvVHlwZSAvQ2F0YWxvZyAvUGFnZXMgMiAwIFIgPj4K\nZW5kb2JqCjIgMCBvYmoKPDwgL1R5cGUgL1Bh\n",
    },
    Wreck {
        key: "broken-eight-bit-header",
        source: Source::Commission,
        at: "2017-09-12 08:15",
        envelope: "courrier@eaux.kessara.example",
        bytes: b"From: Bureau du courrier (t\xe9l\xe9scripteur) <courrier@eaux.kessara.example>\nTo: h.marsaudon@eaux.kessara.example\nMessage-ID: <{id}@telescripteur.eaux.kessara.example>\nDate: Tue, 12 Sep 2017 08:15:00 +0300\nSubject: Pli recommand\xe9 \xe0 retirer, exp\xe9diteur : Universit\xe9\n\nUn pli vous attend \xe0 la porte 012. Motif : livre non restitu\xe9, troisi\xe8me rappel.\n",
    },
    Wreck {
        key: "broken-wrong-charset",
        source: Source::Commission,
        at: "2018-05-14 13:37",
        envelope: "cemal.tugrul@mirsane.eaux.kessara.example",
        bytes: "From: cemal.tugrul@mirsane.eaux.kessara.example\nTo: n.sahbaz@eaux.kessara.example\nMessage-ID: <{id}@mirsane.eaux.kessara.example>\nDate: Mon, 14 May 2018 13:37:00 +0300\nSubject: kavanoz sayisi\nMIME-Version: 1.0\nContent-Type: text/plain; charset=x-mirsane-dos\nContent-Transfer-Encoding: 8bit\n\nRafta şu an yirmi üç kavanoz var, en bulanığı nisan başı.\nGüneşte bırakmayın, çöken çöktüğüyle kalsın.\n".as_bytes(),
    },
    Wreck {
        key: "broken-from-lines",
        source: Source::List,
        at: "2017-01-18 20:18",
        envelope: "ouvane-bounces@lists.ouvane.example",
        bytes: b"Date: Wed, 18 Jan 2017 20:18:00 +0200\nFrom: Piet Ankervoort <piet@ankervoort-boats.example>\nTo: ouvane@lists.ouvane.example\nSubject: [ouvane] Log of the Adelheid, 1931\nMessage-ID: <{id}@ankervoort-boats.example>\nList-Id: The river Ouvane: its water, its dams, its people <ouvane.lists.ouvane.example>\n\nMy grandfather's log, as he wrote it, four lines for the library:\n\nFrom the sea to the second bridge, two hours, no wind.\nFrom there by hand.\n\n>From the left bank a man called that the water would come brown by evening.\n>>From what he said I did not sleep. He was right.\n\nPiet\n",
    },
    Wreck {
        key: "broken-empty-message-id",
        source: Source::List,
        at: "2017-08-21 06:50",
        envelope: "ouvane-bounces@lists.ouvane.example",
        bytes: b"Date: Mon, 21 Aug 2017 06:50:00 +0300\nFrom: samir.w@barid.example\nTo: ouvane@lists.ouvane.example\nSubject: [ouvane] test from the new phone\nMessage-ID: <>\nIn-Reply-To: Your message of \"Sunday\"\nReferences: (none)\nList-Id: <ouvane.lists.ouvane.example>\n\nDoes this arrive? It says it has no identity. I know the feeling on Mondays.\n",
    },
    Wreck {
        key: "broken-same-id-list-copy",
        source: Source::List,
        at: "2018-09-24 16:25",
        envelope: "ouvane-bounces@lists.ouvane.example",
        bytes: b"Message-ID: <{same}@univ-ardane.example>\nDate: Mon, 24 Sep 2018 16:25:00 +0300\nFrom: z.ortakaya@univ-ardane.example\nTo: ouvane@lists.ouvane.example\nCc: h.marsaudon@eaux.kessara.example\nSubject: [ouvane] Rain on Wednesday: the three models\nList-Id: <ouvane.lists.ouvane.example>\n\nModel A 112 mm, model B 128 mm, model C 139 mm, all between Wed 12:00 and Thu 12:00.\n\n_______________________________________________\nouvane mailing list\n",
    },
    Wreck {
        key: "broken-same-id-own-copy",
        source: Source::Commission,
        at: "2018-09-24 16:25",
        envelope: "z.ortakaya@univ-ardane.example",
        bytes: b"Message-ID: <{same}@univ-ardane.example>\nDate: Mon, 24 Sep 2018 16:25:00 +0300\nFrom: z.ortakaya@univ-ardane.example\nTo: ouvane@lists.ouvane.example\nCc: h.marsaudon@eaux.kessara.example\nSubject: Rain on Wednesday: the three models\n\nModel A 112 mm, model B 128 mm, model C 139 mm, all between Wed 12:00 and Thu 12:00.\n",
    },
    Wreck {
        key: "broken-no-fields-at-all",
        source: Source::Commission,
        at: "2018-08-06 23:59",
        envelope: "bulletin@hydro.eaux.kessara.example",
        bytes: b"\nLOGGER 7 NO HEADER MEMORY FULL\nP-14 398.2\n",
    },
];

/// The message that lies, byte for byte, in two of the sources.
const TWICE: &str = "fill-salwa-mansur";

/// Adds the broken messages, and the exact duplicate.
pub(super) fn add(seed: u64, letters: &mut Vec<Letter>) {
    let same = Dice::named(seed, "same id").hex(14);
    for wreck in WRECKS {
        let id = Dice::named(seed, wreck.key).hex(12);
        let sent = clock::parse(wreck.at, Zone::Kessara).unwrap_or_else(|| panic!("when is {:?}?", wreck.at));
        let bytes = replace(&replace(wreck.bytes, b"{id}", id.as_bytes()), b"{same}", same.as_bytes());
        let envelope = wreck.envelope.to_string();
        letters.push(Letter { key: wreck.key.to_string(), source: wreck.source, sent, envelope, bytes });
    }
    if let Some(original) = letters.iter().find(|letter| letter.key == TWICE).cloned() {
        letters.push(Letter { key: format!("{TWICE}-again"), source: Source::Commission, ..original });
    }
}

fn replace(text: &[u8], what: &[u8], with: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(place) = rest.windows(what.len()).position(|window| window == what) {
        out.extend_from_slice(&rest[..place]);
        out.extend_from_slice(with);
        rest = &rest[place + what.len()..];
    }
    out.extend_from_slice(rest);
    out
}
