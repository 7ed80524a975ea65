//! Brings a mapping and its files together: opens them, and finds every column before any row.

use std::{io::Read, path::Path};

use super::{Join, Mapping};
use crate::{
    Census, OpenError, Rows,
    column::Column,
    lookup::{Lookup, Table},
    time::shape,
};

/// Where a column of the mapping is found.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    /// In the row itself.
    Main(usize),
    /// In the row of a lookup table.
    Joined { join: usize, cell: usize },
}

impl Mapping {
    /// Opens a data folder, or one file; lookup tables are looked for beside it.
    ///
    /// # Errors
    ///
    /// When a file cannot be read, a column that the mapping uses is not in it, or a lookup table
    /// is not sound. No row has been read by then.
    ///
    /// ```no_run
    /// # use leadfold_import::{Mapping, MemoryCensus};
    /// # let text = "";
    /// let mapping = Mapping::parse(text, "shop.toml")?;
    /// for line in mapping.open("data/shop".as_ref(), MemoryCensus::default())? {
    ///     match line {
    ///         Ok(line) => println!("{}", serde_json::to_string(&line.event)?),
    ///         Err(refused) => eprintln!("{refused}"),
    ///     }
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open<C: Census>(&self, path: &Path, census: C) -> Result<Rows<'_, C>, OpenError> {
        let (folder, file) = match path.is_dir() {
            true => (path, path.join(&self.input.file)),
            false => (path.parent().unwrap_or(path), path.to_owned()),
        };
        let name = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy();
        let input = &self.input;
        let table = Table::open(&file, &name, input.dialect, input.columns.as_deref())?;
        let total = std::fs::metadata(&file).ok().filter(std::fs::Metadata::is_file);
        let total = total.map(|metadata| metadata.len());
        self.rows(table, folder, census, total)
    }

    /// Reads rows from anywhere, such as standard input; `name` is what messages call it, and
    /// lookup tables are looked for in `folder`.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn read<'a, C: Census>(
        &'a self,
        input: impl Read + 'a,
        name: &str,
        folder: &Path,
        census: C,
    ) -> Result<Rows<'a, C>, OpenError> {
        let columns = self.input.columns.as_deref();
        let table = Table::new(input, name, self.input.dialect, columns)?;
        self.rows(table, folder, census, None)
    }

    fn rows<'a, C: Census>(
        &'a self,
        table: Table<'a>,
        folder: &Path,
        census: C,
        bytes_total: Option<u64>,
    ) -> Result<Rows<'a, C>, OpenError> {
        let mut joined = Vec::new();
        for join in &self.joins {
            let path = folder.join(&join.file);
            joined.push((Table::open(&path, &join.file, join.dialect, None)?, Vec::new()));
        }
        let mut places = Vec::new();
        for column in self.columns.iter() {
            places.push(self.place(column, &table, &mut joined)?);
        }
        for join in &self.joins {
            // A key must stand in the row itself: lookups do not follow lookups.
            if let Place::Joined { .. } = places[join.on.idx()] {
                let on = self.columns.column(join.on);
                self.find(on, &on.name, &table.name, &table.header)?;
            }
        }
        let mut lookups = Vec::new();
        for (join, (lookup, cells)) in self.joins.iter().zip(&mut joined) {
            let key = Column { name: join.key.clone(), line: join.key_line };
            let key = self.find(&key, &key.name, &lookup.name, &lookup.header)?;
            lookups.push(Lookup::load(lookup, key, cells)?);
        }
        Ok(Rows::new(self, table, places, lookups, census, bytes_total))
    }

    /// A column of the row comes first; `join.column` is looked for only where there is none.
    fn place(
        &self,
        column: &Column,
        main: &Table<'_>,
        joined: &mut [(Table<'_>, Vec<usize>)],
    ) -> Result<Place, OpenError> {
        let is_join = |name: &str| self.joins.iter().position(|join: &Join| join.name == name);
        let dotted = column.name.split_once('.');
        let dotted = dotted.and_then(|(join, name)| Some((is_join(join)?, name)));
        match dotted {
            Some((join, name)) if !main.header.contains(&column.name) => {
                let (table, cells) = &mut joined[join];
                cells.push(self.find(column, name, &table.name, &table.header)?);
                Ok(Place::Joined { join, cell: cells.len() - 1 })
            }
            _ => self.find(column, &column.name, &main.name, &main.header).map(Place::Main),
        }
    }

    fn find(
        &self,
        column: &Column,
        name: &str,
        file: &str,
        header: &[String],
    ) -> Result<usize, OpenError> {
        let mut found = header.iter().enumerate().filter(|(_, known)| *known == name);
        match (found.next(), found.count()) {
            (Some((idx, _)), 0) => Ok(idx),
            (first, more) => Err(OpenError::Column {
                mapping: self.name.clone(),
                line: column.line,
                column: name.to_owned(),
                file: file.to_owned(),
                found: usize::from(first.is_some()) + more,
                columns: self.told(header),
            }),
        }
    }
}

impl Mapping {
    /// What a header has. A first line with none of the mapping's names is perhaps a row, and rows
    /// hold people's data.
    fn told(&self, header: &[String]) -> String {
        if self.input.columns.as_deref() == Some(header) || self.is_header(header) {
            return format!("its columns are: {}", list(header));
        }
        let shapes: Vec<String> = header.iter().map(|cell| shape(cell)).collect();
        let cells = if header.len() == 1 { "cell" } else { "cells" };
        format!(
            "its first line has {} {cells} shaped like: {}; if that is a row, list the names as \
             `columns` in [input], or give the file a header line",
            header.len(),
            list(&shapes)
        )
    }

    fn is_header(&self, cells: &[String]) -> bool {
        let used = self.columns.iter().map(|column| column.name.as_str());
        let joined = used.clone().filter_map(|name| name.split_once('.')).map(|(_, name)| name);
        let keys = self.joins.iter().map(|join| join.key.as_str());
        used.chain(joined).chain(keys).any(|name| cells.iter().any(|cell| cell == name))
    }
}

fn list(header: &[String]) -> String {
    let mut listed = header[..header.len().min(COLUMNS_LISTED_MAX)].join(", ");
    if header.len() > COLUMNS_LISTED_MAX {
        listed.push_str(", ...");
    }
    listed
}

/// More columns than this help nobody in a message.
const COLUMNS_LISTED_MAX: usize = 60;
