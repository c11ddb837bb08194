//! Deflate streams out of a volume: with gzip framing (RFC 1952), or inflated.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom, Take, Write},
};

use axum::body::Body;
use flate2::read::DeflateDecoder;
use frelon_index::{ReadError, StreamRecord};

use crate::{
    export::channel::{self, Stop},
    fault::Fault,
};

/// gzip header: deflate, no flags, no time, unknown system (RFC 1952 section 2.3).
const GZIP_HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
/// Bytes of the gzip trailer: CRC-32 and size.
const GZIP_TRAILER_BYTES: u64 = 8;
/// Streams up to this length are read in one go; the length is that of nearly all mail.
const WHOLE_BYTES_MAX: u64 = 256 * 1024;
/// Bytes read at a time.
const BLOCK_BYTES: usize = 64 * 1024;

/// Length of the gzip form.
pub(super) fn gzip_length(place: &StreamRecord) -> u64 {
    GZIP_HEADER.len() as u64 + place.compressed_bytes + GZIP_TRAILER_BYTES
}

/// The gzip form: the stream as it lies in the volume, framed.
pub(super) async fn gzip(place: StreamRecord) -> Result<Body, Fault> {
    if place.compressed_bytes > WHOLE_BYTES_MAX {
        return channel::body(move |out| {
            write_gzip(&place, out)?;
            Ok(())
        })
        .await;
    }
    let work = move || -> Result<Vec<u8>, Stop> {
        let mut bytes = Vec::with_capacity(usize::try_from(gzip_length(&place)).unwrap_or(0));
        write_gzip(&place, &mut bytes)?;
        Ok(bytes)
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(bytes)) => Ok(Body::from(bytes)),
        Ok(Err(Stop::Fault(fault))) => Err(fault),
        Ok(Err(Stop::Gone)) | Err(_) => Err(Fault::Panic),
    }
}

fn write_gzip(place: &StreamRecord, out: &mut impl Write) -> Result<(), Stop> {
    let size = u32::try_from(place.size_bytes & u64::from(u32::MAX)).unwrap_or(0);
    out.write_all(&GZIP_HEADER)?;
    copy_stream(&mut open(place)?, place, out)?;
    out.write_all(&place.crc32.to_le_bytes())?;
    out.write_all(&size.to_le_bytes())?;
    Ok(())
}

/// Opens the volume at the start of the stream, ending with it.
fn open(place: &StreamRecord) -> Result<Take<File>, Stop> {
    let unreadable = |source| unreadable(place, source);
    let mut file = File::open(&place.volume).map_err(unreadable)?;
    file.seek(SeekFrom::Start(place.offset_bytes)).map_err(unreadable)?;
    Ok(file.take(place.compressed_bytes))
}

/// Copies a stream that `input` is at the start of. One that ends early is damage, not an end.
pub(crate) fn copy_stream(input: &mut impl Read, place: &StreamRecord, out: &mut impl Write) -> Result<(), Stop> {
    let mut block = [0; BLOCK_BYTES];
    let mut left = place.compressed_bytes;
    while left > 0 {
        let want = usize::try_from(left).unwrap_or(BLOCK_BYTES).min(BLOCK_BYTES);
        let count = input.read(&mut block[..want]).map_err(|source| unreadable(place, source))?;
        if count == 0 {
            return Err(damaged(place, "it ends before the item does"));
        }
        out.write_all(&block[..count])?;
        left -= count as u64;
    }
    Ok(())
}

/// `length` inflated bytes from `first` on; the checksum is compared when the end is reached.
pub(super) async fn inflate(place: StreamRecord, first: u64, length: u64) -> Result<Body, Fault> {
    channel::body(move |out| {
        let mut input = DeflateDecoder::new(open(&place)?);
        let mut crc = crc32fast::Hasher::new();
        let mut block = [0; BLOCK_BYTES];
        let mut at = 0;
        while at < first + length {
            let count = input.read(&mut block).map_err(|source| unreadable(&place, source))?;
            if count == 0 {
                return Err(damaged(&place, "it ends before the item does"));
            }
            crc.update(&block[..count]);
            let end = at + count as u64;
            let from = usize::try_from(first.saturating_sub(at)).unwrap_or(count).min(count);
            let to = usize::try_from((first + length).saturating_sub(at)).unwrap_or(count).min(count);
            at = end;
            if at >= place.size_bytes && crc.clone().finalize() != place.crc32 {
                return Err(damaged(&place, "the item does not match its checksum"));
            }
            out.write_all(&block[from..to])?;
        }
        Ok(())
    })
    .await
}

fn unreadable(place: &StreamRecord, source: std::io::Error) -> Stop {
    Stop::Fault(ReadError::Io { path: place.volume.clone(), source }.into())
}

fn damaged(place: &StreamRecord, reason: &str) -> Stop {
    let path = place.volume.clone();
    Stop::Fault(ReadError::Damaged { path, reason: format!("at byte {}: {reason}", place.offset_bytes) }.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    /// A file with some bytes, a deflate stream, and some more bytes.
    fn volume(text: &[u8]) -> (tempfile::TempDir, StreamRecord) {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(text).unwrap();
        let stream = encoder.finish().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("1.zip");
        std::fs::write(&path, [b"before".as_slice(), &stream, b"after"].concat()).unwrap();
        let place = StreamRecord {
            volume: path,
            offset_bytes: 6,
            compressed_bytes: stream.len() as u64,
            size_bytes: text.len() as u64,
            crc32: crc32fast::hash(text),
        };
        (folder, place)
    }

    /// Text that deflates badly, so that its stream is long.
    fn noise(count: usize) -> Vec<u8> {
        let mut state = 7_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        std::iter::repeat_with(&mut next).take(count).collect()
    }

    async fn collect(body: Body) -> Vec<u8> {
        body.collect().await.unwrap().to_bytes().to_vec()
    }

    #[tokio::test]
    async fn the_gzip_form_inflates_to_the_item() {
        for text in [b"hello".to_vec(), noise(1_000_000)] {
            let (_folder, place) = volume(&text);
            let bytes = collect(gzip(place.clone()).await.unwrap()).await;
            assert_eq!(bytes.len() as u64, gzip_length(&place));
            let mut back = Vec::new();
            flate2::read::GzDecoder::new(bytes.as_slice()).read_to_end(&mut back).unwrap();
            assert!(back == text);
        }
    }

    #[tokio::test]
    async fn any_slice_can_be_inflated() {
        let text = noise(300_000);
        let (_folder, place) = volume(&text);
        for (first, length) in [(0, 300_000), (0, 1), (299_999, 1), (65_535, 2), (100_000, 150_000)] {
            let bytes = collect(inflate(place.clone(), first, length).await.unwrap()).await;
            let first = usize::try_from(first).unwrap();
            assert!(bytes == text[first..first + usize::try_from(length).unwrap()], "{first}");
        }
    }

    #[tokio::test]
    async fn damage_breaks_the_answer_off() {
        let (_folder, mut place) = volume(&noise(300_000));
        place.crc32 ^= 1;
        let body = inflate(place.clone(), 0, place.size_bytes).await.unwrap();
        assert!(body.collect().await.is_err());
        std::fs::write(&place.volume, b"short").unwrap();
        assert!(matches!(gzip(place.clone()).await, Err(Fault::Read(_))));
        std::fs::remove_file(&place.volume).unwrap();
        assert!(matches!(inflate(place, 0, 10).await, Err(Fault::Read(_))));
    }
}
