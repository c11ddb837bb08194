//! PNG pictures (ISO/IEC 15948) with stored, not compressed, pixels: charts, a logo, a grey winter morning.

use super::package::crc32;
use crate::demo::clock;
use crate::demo::river::{self, State};

type Colour = [u8; 3];

const PAPER: Colour = [0xfb, 0xfa, 0xf6];
const GRID: Colour = [0xdd, 0xd9, 0xd0];
const INK: Colour = [0x1f, 0x4e, 0x6b];
const ALARM: Colour = [0xb0, 0x2a, 0x1e];

struct Picture {
    width: usize,
    height: usize,
    pixels: Vec<Colour>,
}

impl Picture {
    fn new(width: usize, height: usize, ground: Colour) -> Self {
        Picture { width, height, pixels: vec![ground; width * height] }
    }

    fn dot(&mut self, x: usize, y: usize, colour: Colour) {
        if x < self.width && y < self.height {
            self.pixels[y * self.width + x] = colour;
        }
    }

    fn png(&self) -> Vec<u8> {
        let mut raw = Vec::with_capacity((self.width * 3 + 1) * self.height);
        for row in self.pixels.chunks(self.width) {
            raw.push(0);
            raw.extend(row.iter().flatten());
        }
        let mut stream = vec![0x78, 0x01];
        let blocks = raw.chunks(0xffff).count();
        for (number, block) in raw.chunks(0xffff).enumerate() {
            stream.push(u8::from(number + 1 == blocks));
            let len = block.len() as u16;
            stream.extend(len.to_le_bytes());
            stream.extend((!len).to_le_bytes());
            stream.extend(block);
        }
        stream.extend(adler32(&raw).to_be_bytes());
        let mut head = Vec::new();
        head.extend((self.width as u32).to_be_bytes());
        head.extend((self.height as u32).to_be_bytes());
        // Eight bits a channel, RGB, no interlace.
        head.extend([8, 2, 0, 0, 0]);
        let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
        for (kind, content) in [(b"IHDR", &head), (b"IDAT", &stream), (b"IEND", &Vec::new())] {
            out.extend((content.len() as u32).to_be_bytes());
            let mut checked = kind.to_vec();
            checked.extend(content);
            out.extend(&checked);
            out.extend(crc32(&checked).to_be_bytes());
        }
        out
    }
}

fn adler32(bytes: &[u8]) -> u32 {
    let (a, b) = bytes.iter().fold((1_u32, 0_u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    b << 16 | a
}

/// A curve over days, with a grid line a month and, for P-14, the alarm value of 394 m.
pub(super) fn series(from: (i64, usize, i64), to: (i64, usize, i64), value: fn(&State) -> f64) -> Vec<u8> {
    const WIDTH: usize = 320;
    const HEIGHT: usize = 140;
    let (from, to) = (clock::days(from.0, from.1, from.2), clock::days(to.0, to.1, to.2));
    let mut values = Vec::with_capacity(WIDTH);
    for x in 0..WIDTH {
        values.push(value(&river::state(from + (to - from) * x as i64 / WIDTH as i64)));
    }
    let low = values.iter().copied().fold(f64::MAX, f64::min) - 1.0;
    let high = values.iter().copied().fold(f64::MIN, f64::max) + 1.0;
    let y = |value: f64| ((high - value) / (high - low) * (HEIGHT - 1) as f64) as usize;
    let mut picture = Picture::new(WIDTH, HEIGHT, PAPER);
    for x in (0..WIDTH).step_by(25) {
        (0..HEIGHT).for_each(|row| picture.dot(x, row, GRID));
    }
    if (low..high).contains(&394.0) {
        (0..WIDTH).step_by(3).for_each(|x| picture.dot(x, y(394.0), ALARM));
    }
    let mut last = y(values[0]);
    for (x, value) in values.iter().enumerate() {
        let row = y(*value);
        for step in row.min(last)..=row.max(last) {
            picture.dot(x, step, INK);
            picture.dot(x, step + 1, INK);
        }
        last = row;
    }
    picture.png()
}

/// A mark of bars, different for each firm.
pub(super) fn logo(firm: &str) -> Vec<u8> {
    let mut picture = Picture::new(96, 32, [0xff, 0xff, 0xff]);
    for (place, byte) in firm.bytes().take(12).enumerate() {
        let height = 6 + usize::from(byte) % 24;
        let colour = [0x20 + byte / 2, 0x50, 0x90 - byte / 4];
        for y in 32 - height..32 {
            (0..6).for_each(|x| picture.dot(place * 8 + x, y, colour));
        }
    }
    picture.png()
}

/// Something like a slope, a wet patch and a lot of sky.
pub(super) fn photograph(number: usize) -> Vec<u8> {
    let mut picture = Picture::new(120, 80, [0xc9, 0xd2, 0xd8]);
    for y in 0..80 {
        for x in 0..120 {
            let slope = 30 + x / 4 + number * 3;
            if y > slope {
                let grain = ((x * 7 + y * 13 + number * 5) % 11) as u8;
                let wet = x.abs_diff(55 + number * 8) + 2 * y.abs_diff(62) < 26;
                picture.dot(x, y, if wet { [0x4a + grain, 0x4c, 0x48] } else { [0x86 + grain, 0x7d, 0x62 + grain] });
            }
        }
    }
    picture.png()
}
