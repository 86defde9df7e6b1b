//! Bringing the tables up to date, one process at a time.
//!
//! PostgreSQL has advisory locks, which sqlx takes. SQLite has none, so a lock on a file beside the database stands in.
//! Must not hold a statement: those lie in `migrations/`, and a released one is never changed.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use sqlx::migrate::Migrator;
use sqlx::{PgPool, SqlitePool};

use super::{Result, StorageError};

static POSTGRES: Migrator = sqlx::migrate!("./migrations/postgres");
static SQLITE: Migrator = sqlx::migrate!("./migrations/sqlite");

pub(super) async fn postgres(pool: &PgPool) -> Result<()> {
    Ok(POSTGRES.run(pool).await?)
}

/// Without a `file` the database is in memory, where no other process can be.
pub(super) async fn sqlite(pool: &SqlitePool, file: Option<&Path>) -> Result<()> {
    let Some(file) = file else {
        return Ok(SQLITE.run(pool).await?);
    };
    let mut name = file.as_os_str().to_owned();
    name.push(".migration-lock");
    let path = PathBuf::from(name);
    let wanted = path.clone();
    let lock = tokio::task::spawn_blocking(move || take_lock(&wanted))
        .await
        .map_err(io::Error::other);
    let _held = lock
        .flatten()
        .map_err(|source| StorageError::File { path, source })?;
    Ok(SQLITE.run(pool).await?)
}

fn take_lock(path: &Path) -> io::Result<File> {
    let file = File::create(path)?;
    file.lock()?;
    Ok(file)
}
