//! Reading JSON without latitude: what serde takes kindly is refused here.
//!
//! Left alone, a list is read as an object, `{"hide":null}` as the word `hide`, `null` as something
//! left out, and upper-case digits as a hash. Two programs that differ in such things would read two
//! meanings out of one signed text. Members that are unknown or named twice are refused by serde.

use std::{fmt, marker::PhantomData, str::FromStr};

use frelon_model::Instant;
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, MapAccess, Visitor, value::MapAccessDeserializer},
};

use crate::opening::from_rfc3339;

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map))
    }
}

/// A struct from an object, not from a list.
pub(super) fn object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_map(ObjectVisitor(PhantomData))
}

/// A list of objects.
pub(super) fn objects<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    struct One<T>(T);

    impl<'de, T: Deserialize<'de>> Deserialize<'de> for One<T> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            object(deserializer).map(Self)
        }
    }

    let found: Vec<One<T>> = Deserialize::deserialize(deserializer)?;
    Ok(found.into_iter().map(|One(one)| one).collect())
}

/// A member that may be left out, and is not `null` where it is there.
pub(super) fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// A value from its only text form.
fn read<T: FromStr + ToString>(text: &str) -> Option<T> {
    text.parse().ok().filter(|value: &T| value.to_string() == text)
}

/// Values with a text form.
pub(crate) mod text {
    use super::*;

    pub(crate) fn serialize<T: fmt::Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>, T: FromStr + ToString>(
        deserializer: D,
    ) -> Result<T, D::Error> {
        let text = String::deserialize(deserializer)?;
        read(&text).ok_or_else(|| D::Error::custom(format!("`{text}` is not well formed here")))
    }
}

/// Lists of values with a text form.
pub(super) mod texts {
    use super::*;

    pub(crate) fn serialize<T: ToString, S: Serializer>(values: &[T], serializer: S) -> Result<S::Ok, S::Error> {
        values.iter().map(T::to_string).collect::<Vec<_>>().serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>, T: FromStr + ToString>(
        deserializer: D,
    ) -> Result<Vec<T>, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        let value =
            |text: &String| read(text).ok_or_else(|| D::Error::custom(format!("`{text}` is not well formed here")));
        texts.iter().map(value).collect()
    }
}

/// Instants, as `2016-10-07T14:03:00Z` and in no other form.
pub(super) mod instant {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(at: &Instant, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&at.to_rfc3339())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Instant, D::Error> {
        let text = String::deserialize(deserializer)?;
        let at = from_rfc3339(&text).filter(|at| at.to_rfc3339() == text);
        at.ok_or_else(|| D::Error::custom("not an RFC 3339 date and time in UTC and whole seconds"))
    }
}

/// Instants that may be left out.
pub(super) mod instant_present {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(at: &Option<Instant>, serializer: S) -> Result<S::Ok, S::Error> {
        at.map(Instant::to_rfc3339).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Instant>, D::Error> {
        instant::deserialize(deserializer).map(Some)
    }
}
