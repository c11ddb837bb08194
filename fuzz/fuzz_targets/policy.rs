//! Any bytes as a policy: understood or refused at a line; printed, it is understood the same.
#![no_main]

use frelon_log::{Policy, policy::Member};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    match Policy::parse(bytes) {
        Ok(policy) => {
            assert_eq!(Policy::parse(&policy.to_bytes()).as_ref(), Ok(&policy));
            for (place, group) in policy.groups().iter().enumerate() {
                assert!((1..=group.members.len()).contains(&group.threshold));
                let is_before = |member: &Member| !matches!(member, Member::Group(other) if *other >= place);
                assert!(group.members.iter().all(is_before), "no circles");
            }
        }
        Err(error) => {
            let lines = bytes.split(|byte| *byte == b'\n').count();
            assert!((1..=lines).contains(&error.line), "{error}");
        }
    }
});
