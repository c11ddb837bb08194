//! Signed mail for tests: DKIM signatures by an RSA key of 1,024 bits, made here.
//!
//! Its exponent is 257: recovering a key with the usual exponent takes a minute, with this one a blink.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use crypto_bigint::{
    BoxedUint, Odd,
    modular::{BoxedMontyForm, BoxedMontyParams},
};
use sha2::{Digest as _, Sha256};

/// The modulus, in hexadecimal digits.
const MODULUS: &str = "\
     c467c09b1dd4ac1c168db5f88105e3a5a3c3940c002ce01eb39367df7ed02691d5eabe13d97bca41161fd3c7ed8a7034\
     4736690fce374b40bfabe0003fcc6fe50c83bddfb1b0f1b7cf3ce18f8971619c9823989c345f06c454261006530be393\
     de41deccc612d18b76f810e4362e98c944c39337a5d2248fdbacfb2ba5320ef7";
/// The private exponent.
const PRIVATE: &str = "\
     a9a850b5ce105ce37816cd007f63b7b1f21188d98e9852089722b1626d8af67bfb860aca6c2d2c3838f6a3045ba26ae2\
     734de13a7a5999a87db952ed4a093fc754922b007be5d2236e679cffdb8e765e18c7dfb24c9657f004e2a647f53ab302\
     9f9f8980de83e8e99cc7c2a7d50e78ef702512a5bb90d81f14aead5dfd96fa71";
/// The modulus in bytes.
const BYTES: usize = 128;
/// What stands before a SHA-256 in a signature (RFC 8017 section 9.2, note 1).
const SHA256_INFO: [u8; 19] =
    [0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20];

fn number(digits: &str) -> BoxedUint {
    let pairs = digits.as_bytes().chunks(2);
    let bytes: Vec<u8> =
        pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).expect("ASCII"), 16).expect("hex")).collect();
    BoxedUint::from_be_slice(&bytes, 1_024).expect("1,024 bits")
}

/// RSASSA-PKCS1-v1_5 with SHA-256.
fn sign(text: &str) -> String {
    let mut encoded = vec![0, 1];
    encoded.resize(BYTES - SHA256_INFO.len() - 33, 0xff);
    encoded.push(0);
    encoded.extend(SHA256_INFO);
    encoded.extend(Sha256::digest(text.as_bytes()));
    let modulus = Odd::new(number(MODULUS)).expect("odd");
    let base = BoxedUint::from_be_slice(&encoded, 1_024).expect("1,024 bits");
    let base = BoxedMontyForm::new(base, &BoxedMontyParams::new_vartime(modulus));
    BASE64_STANDARD.encode(base.pow(&number(PRIVATE)).retrieve().to_be_bytes())
}

/// A message signed by a domain under a selector, at `1_400_000_000` plus so many days. All of it is in the form
/// that relaxed canonicalization leaves as it is, names of fields apart.
pub(crate) fn signed(domain: &str, selector: &str, day: u64) -> Vec<u8> {
    let (from, subject, body) =
        (format!("Ann <ann@{domain}>"), format!("Dam {day}"), format!("It holds, day {day}.\r\n"));
    let at = 1_400_000_000 + day * 86_400;
    let body_hash = BASE64_STANDARD.encode(Sha256::digest(body.as_bytes()));
    let tags = format!(
        "v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s={selector}; t={at}; h=from:subject; bh={body_hash}; b="
    );
    let signature = sign(&format!("from:{from}\r\nsubject:{subject}\r\ndkim-signature:{tags}"));
    let received = format!("Received: from a by b; Thu, {} May 2014 10:00:00 +0000", 1 + day % 28);
    format!(
        "DKIM-Signature: {tags}{signature}\r\n{received}\r\nFrom: {from}\r\nTo: b@example.net\r\nSubject: {subject}\r\n\
         Date: Thu, {} May 2014 10:00:00 +0000\r\nMessage-ID: <{selector}.{day}@{domain}>\r\n\r\n{body}",
        1 + day % 28
    )
    .into_bytes()
}

/// The record of the key.
pub(crate) fn record() -> String {
    // SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7) around RSAPublicKey (RFC 8017 appendix A.1.1).
    let modulus = number(MODULUS).to_be_bytes();
    let key = [&der(2, &[&[0], &modulus[..]].concat())[..], &der(2, &[1, 1])].concat();
    let bits = [&[0], &der(0x30, &key)[..]].concat();
    let rsa = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
    let info = der(0x30, &[&der(0x30, &rsa)[..], &der(3, &bits)].concat());
    format!("v=DKIM1; k=rsa; p={}", BASE64_STANDARD.encode(info))
}

fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u8::try_from(content.len());
    let head = match length {
        Ok(length @ ..128) => vec![tag, length],
        Ok(length) => vec![tag, 0x81, length],
        Err(_) => [&[tag, 0x82], &u16::try_from(content.len()).expect("short").to_be_bytes()[..]].concat(),
    };
    [&head, content].concat()
}
