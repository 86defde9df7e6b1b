//! The key of an installation that was given none: made once and kept beside the database.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::config::secrets::AppKey;
use crate::domain::random::{Random, RandomError, bytes};

/// Why there is no generated key.
#[derive(Debug, thiserror::Error)]
pub enum GeneratedKeyError {
    /// The file can't be made or read.
    #[error("the key {0} can not be made or read; let Doorward write to its folder")]
    File(PathBuf, #[source] io::Error),
    /// Others could read or write the file.
    #[error(
        "the key {0} can be read by others; run chmod 600 on it, or delete it so that a new one is made"
    )]
    Open(PathBuf),
    /// The file does not hold a key.
    #[error("the file {0} holds no key; delete it so that a new one is made")]
    NoKey(PathBuf),
    /// No randomness to make a key from.
    #[error(transparent)]
    Random(#[from] RandomError),
}

/// The key in the file at `path`; makes it, and the folder, if there is none. Of two that start at once one makes it.
///
/// # Errors
///
/// When the file can't be made or read, when others than its owner may read it, and when it holds no key.
pub fn resolve_generated(path: &Path, random: &dyn Random) -> Result<AppKey, GeneratedKeyError> {
    let failed = |error| GeneratedKeyError::File(path.to_owned(), error);
    match File::open(path) {
        Ok(file) => return read(path, file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error)),
    }
    let text = Zeroizing::new(hex::encode(bytes::<32>(random)?) + "\n");
    let scratch = scratch_path(path, random)?;
    make_folder(path).map_err(failed)?;
    let made = make(&scratch, path, &text);
    let removed = fs::remove_file(&scratch);
    match made {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        made => made.and(removed).map_err(failed)?,
    }
    File::open(path)
        .map_err(failed)
        .and_then(|file| read(path, file))
}

/// Writes the key to `scratch` and links it to `path`, which fails if that exists. So the file at `path` is whole from
/// the moment it is there.
fn make(scratch: &Path, path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(scratch)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::hard_link(scratch, path)
}

fn scratch_path(path: &Path, random: &dyn Random) -> Result<PathBuf, RandomError> {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}", hex::encode(bytes::<8>(random)?)));
    Ok(PathBuf::from(name))
}

fn make_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)
        }
        _ => Ok(()),
    }
}

fn read(path: &Path, file: File) -> Result<AppKey, GeneratedKeyError> {
    let failed = |error| GeneratedKeyError::File(path.to_owned(), error);
    let mode = file.metadata().map_err(failed)?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(GeneratedKeyError::Open(path.to_owned()));
    }
    let mut text = Zeroizing::new(String::new());
    file.take(1024).read_to_string(&mut text).map_err(failed)?;
    AppKey::parse(text.trim_end()).map_err(|_| GeneratedKeyError::NoKey(path.to_owned()))
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;
    use crate::domain::random::SystemRandom;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_key_is_made_once_and_kept_from_others() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data/app.key");
        let first = resolve_generated(&path, &SystemRandom).unwrap();
        let second = resolve_generated(&path, &SystemRandom).unwrap();
        assert_eq!(first.expose(), second.expose());
        assert_eq!(first.expose().len(), 32);
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn of_many_that_start_at_once_one_makes_the_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("app.key");
        let starts: Vec<_> = (0..16)
            .map(|_| {
                let path = path.clone();
                thread::spawn(move || resolve_generated(&path, &SystemRandom).unwrap())
            })
            .collect();
        let keys: Vec<_> = starts
            .into_iter()
            .map(|start| start.join().unwrap())
            .collect();
        assert!(keys.iter().all(|key| key.is(&keys[0])));
    }

    #[test]
    fn threat_12_a_key_that_others_read_or_that_is_none_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("app.key");
        resolve_generated(&path, &SystemRandom).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let error = resolve_generated(&path, &SystemRandom).unwrap_err();
        assert!(error.to_string().contains("chmod 600"), "{error}");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, "").unwrap();
        let error = resolve_generated(&path, &SystemRandom).unwrap_err();
        assert!(error.to_string().contains("delete it"), "{error}");
    }
}
