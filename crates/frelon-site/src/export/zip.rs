//! A ZIP of EML files: the deflate streams of the volumes, copied and not recompressed.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom, Write},
    path::PathBuf,
};

use frelon_index::{Archive, ItemRecord, ReadError, StreamRecord};
use rawzip::{CompressionMethod, DataDescriptorOutput, ZipArchiveWriter};

use super::{Format, channel::Stop};
use crate::{fault::Fault, raw::copy_stream};

/// The ZIP being written. It keeps some hundred bytes an item for the directory at its end.
pub(super) struct Zip<W> {
    archive: ZipArchiveWriter<W>,
    /// The volume read last: items of one volume mostly follow one another.
    volume: Option<(PathBuf, File)>,
}

impl<W: Write> Zip<W> {
    pub(super) fn new(out: W) -> Self {
        Self { archive: ZipArchiveWriter::new(out), volume: None }
    }

    fn write(&mut self, name: &str, place: &StreamRecord) -> Result<(), Stop> {
        let unreadable = |source| Fault::from(ReadError::Io { path: place.volume.clone(), source });
        if self.volume.as_ref().is_none_or(|(path, _)| *path != place.volume) {
            let file = File::open(&place.volume).map_err(unreadable)?;
            self.volume = Some((place.volume.clone(), file));
        }
        let Some((_, file)) = &mut self.volume else { return Ok(()) };
        file.seek(SeekFrom::Start(place.offset_bytes)).map_err(unreadable)?;
        let new = self.archive.new_file(name).compression_method(CompressionMethod::DEFLATE);
        let (mut entry, _) = new.start().map_err(|error| stop(&error))?;
        copy_stream(&mut file.take(place.compressed_bytes), place, &mut entry)?;
        entry.finish(DataDescriptorOutput::new(place.crc32, place.size_bytes)).map_err(|error| stop(&error))?;
        Ok(())
    }
}

/// Names and sizes are sound, so what fails is the writing.
fn stop(error: &rawzip::Error) -> Stop {
    tracing::debug!(error = error as &dyn std::error::Error, "a ZIP was broken off");
    Stop::Gone
}

impl<W: Write> Format for Zip<W> {
    fn item(&mut self, archive: &Archive, item: &ItemRecord) -> Result<(), Stop> {
        let place = archive.stream(&item.key).map_err(Fault::from)?.ok_or(Stop::Fault(Fault::NotFound))?;
        let extension = if item.media_type == "message/rfc822" { "eml" } else { "bin" };
        self.write(&format!("{}/{}.{extension}", item.key.collection, item.key.number), &place)
    }

    fn end(self: Box<Self>) -> Result<(), Stop> {
        self.archive.finish().map(drop).map_err(|error| stop(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copied_streams_inflate_to_the_items() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("1.zip");
        let mut volume = b"PK junk before".to_vec();
        let places: Vec<StreamRecord> = [b"Subject: one\n\nhello\n".as_slice(), b""]
            .into_iter()
            .map(|text| {
                let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
                encoder.write_all(text).unwrap();
                let stream = encoder.finish().unwrap();
                let place = StreamRecord {
                    volume: path.clone(),
                    offset_bytes: volume.len() as u64,
                    compressed_bytes: stream.len() as u64,
                    size_bytes: text.len() as u64,
                    crc32: crc32fast::hash(text),
                };
                volume.extend(stream);
                place
            })
            .collect();
        std::fs::write(&path, volume).unwrap();

        let mut out = Vec::new();
        let mut zip = Box::new(Zip::new(&mut out));
        zip.write("lists/1.eml", &places[0]).unwrap();
        zip.write("lists/2.eml", &places[1]).unwrap();
        zip.end().unwrap();

        let archive = rawzip::ZipArchive::from_slice(&out).unwrap();
        let mut entries = archive.entries();
        let first = entries.next_entry().unwrap().unwrap();
        assert_eq!(first.file_path().as_ref(), b"lists/1.eml");
        assert_eq!(first.crc32(), places[0].crc32);
        let entry = archive.get_entry(first.wayfinder()).unwrap();
        let mut text = String::new();
        flate2::read::DeflateDecoder::new(entry.data()).read_to_string(&mut text).unwrap();
        assert_eq!(text, "Subject: one\n\nhello\n");
        assert_eq!(entries.next_entry().unwrap().unwrap().uncompressed_size_hint(), 0);
        assert!(entries.next_entry().unwrap().is_none());
    }
}
