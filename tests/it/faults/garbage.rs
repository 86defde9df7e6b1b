//! What a store holds that this version never wrote: by another version, by another program, or by an accident.
//!
//! It is no session, it is no panic, and it is nobody else's trouble.

mod keys;
mod rows;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// Many people come, in one test.
const LIMITS: &str = "[limits]\nregistration = \"off\"\nsign_in = \"off\"\ngeneral = \"off\"";

/// The hash under which a store keeps the session of this cookie: of the 16 bytes that the cookie spells.
fn hash_of(cookie: &str) -> [u8; 32] {
    let (_, value) = cookie.split_once('=').expect("name=value");
    Sha256::digest(URL_SAFE_NO_PAD.decode(value).expect("base64url")).into()
}
