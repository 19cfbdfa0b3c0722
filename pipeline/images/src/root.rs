//! A tree of programs, kernel and firmware that looks like a system's root.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::elf::{Dynamic, dynamic};
use crate::error::{ImageError, io_error};

/// Where libraries are in a distribution's tree, and under which path the image has them.
const LIBRARY_DIRS: [&str; 4] = [
    "lib/x86_64-linux-gnu",
    "usr/lib/x86_64-linux-gnu",
    "lib64",
    "usr/lib64",
];
const PROGRAM_DIRS: [&str; 4] = ["usr/bin", "bin", "usr/sbin", "sbin"];
const LOADER: &str = "lib/x86_64-linux-gnu/ld-linux-x86-64.so.2";

/// How the files of a tree find each other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// Unpacked packages: programs look for their libraries in a few directories, which are
    /// below the tree.
    Distribution,
    /// Links into a store: each file names its loader and its libraries by absolute paths.
    #[default]
    Store,
    /// The same with the store's files below the tree, at the paths that they had.
    Copy,
}

/// A directory with programs, libraries, a kernel with its modules, and firmware.
#[derive(Debug, Clone)]
pub struct Root {
    path: PathBuf,
    layout: Layout,
    opened: Vec<PathBuf>,
}

/// A file that programs need at run time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Library {
    /// Its path in an image, without a leading slash.
    pub(crate) place: String,
    pub(crate) file: PathBuf,
    /// Whether it is a loader, which has to be executable.
    pub(crate) loader: bool,
}

impl Root {
    /// The tree below `path`.
    pub fn new(path: &Path, layout: Layout) -> Self {
        let whole = path.canonicalize();
        let path = match (layout, whole) {
            // Which its files' paths begin with.
            (Layout::Copy, Ok(whole)) => whole,
            _ => path.to_owned(),
        };
        Self {
            path,
            layout,
            opened: Vec::new(),
        }
    }

    /// Adds libraries that every program may open by itself, without being linked with them.
    pub(crate) fn opening(mut self, libraries: Vec<PathBuf>) -> Self {
        self.opened = libraries;
        self
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How its files find each other.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    fn missing(&self, what: impl Into<String>) -> ImageError {
        ImageError::Missing {
            what: what.into(),
            root: self.path.clone(),
            mend: match self.layout {
                Layout::Distribution => "remove that directory and run again to fetch them anew",
                Layout::Store => "make it anew with: nix build .#parts",
                Layout::Copy => "unpack it anew",
            },
        }
    }

    /// The first of the given places that is there.
    pub(crate) fn find(&self, what: &str, places: &[String]) -> Result<PathBuf, ImageError> {
        let found = places
            .iter()
            .map(|place| self.path.join(place))
            .find(|path| path.exists());
        let path = found.ok_or_else(|| self.missing(what))?;
        match self.layout {
            Layout::Distribution => Ok(path),
            Layout::Store | Layout::Copy => {
                std::fs::canonicalize(&path).map_err(io_error("follow", &path))
            }
        }
    }

    /// Where the file is that has this path in the store.
    pub(crate) fn at(&self, path: &Path) -> PathBuf {
        match self.layout {
            Layout::Copy => self.path.join(path.strip_prefix("/").unwrap_or(path)),
            Layout::Distribution | Layout::Store => path.to_owned(),
        }
    }

    /// The path in the store of a file that was found.
    pub(crate) fn in_store(&self, file: &Path) -> PathBuf {
        match self.layout {
            Layout::Copy => Path::new("/").join(file.strip_prefix(&self.path).unwrap_or(file)),
            Layout::Distribution | Layout::Store => file.to_owned(),
        }
    }

    pub(crate) fn program(&self, name: &str) -> Result<PathBuf, ImageError> {
        self.find(
            &format!("the program {name}"),
            &PROGRAM_DIRS.map(|directory| format!("{directory}/{name}")),
        )
    }

    /// The argument vector that runs a program from the tree: by its own loader, with its own
    /// libraries, so that nothing of the running system is mixed in.
    ///
    /// # Errors
    ///
    /// [`ImageError::Missing`].
    pub fn argv(&self, name: &str) -> Result<Vec<String>, ImageError> {
        let program = self.program(name)?;
        let (loader, directories) = match self.layout {
            Layout::Store => return Ok(vec![program.display().to_string()]),
            Layout::Distribution => {
                let directories = LIBRARY_DIRS[..2].iter().map(|place| self.path.join(place));
                (self.loader()?, directories.collect())
            }
            Layout::Copy => {
                let mut loader = None;
                let mut directories = BTreeSet::new();
                for library in self.store_libraries(std::slice::from_ref(&program))? {
                    directories.extend(library.file.parent().map(Path::to_owned));
                    if library.loader {
                        loader = Some(library.file);
                    }
                }
                let Some(loader) = loader else {
                    return Ok(vec![program.display().to_string()]);
                };
                (loader, directories)
            }
        };
        let directories: Vec<String> = directories
            .iter()
            .map(|directory| directory.display().to_string())
            .collect();
        Ok(vec![
            loader.display().to_string(),
            "--library-path".into(),
            directories.join(":"),
            program.display().to_string(),
        ])
    }

    fn loader(&self) -> Result<PathBuf, ImageError> {
        self.find("the dynamic loader of libc6", &[LOADER.to_owned()])
    }

    /// Loaders and libraries of programs, all the way down.
    pub(crate) fn libraries(&self, programs: &[PathBuf]) -> Result<Vec<Library>, ImageError> {
        match self.layout {
            Layout::Distribution => self.distribution_libraries(programs),
            Layout::Store | Layout::Copy => self.store_libraries(programs),
        }
    }

    fn distribution_libraries(&self, programs: &[PathBuf]) -> Result<Vec<Library>, ImageError> {
        let mut found = vec![Library {
            place: "usr/lib64/ld-linux-x86-64.so.2".into(),
            file: self.loader()?,
            loader: true,
        }];
        let mut known = BTreeSet::new();
        let mut queue = programs.to_vec();
        while let Some(path) = queue.pop() {
            for name in read(&path)?.needed {
                if !name.starts_with("ld-linux") && known.insert(name.clone()) {
                    let file = self.find(
                        &format!("the library {name}"),
                        &LIBRARY_DIRS.map(|directory| format!("{directory}/{name}")),
                    )?;
                    queue.push(file.clone());
                    found.push(Library {
                        place: format!("{}/{name}", LIBRARY_DIRS[1]),
                        file,
                        loader: false,
                    });
                }
            }
        }
        Ok(found)
    }

    /// As the loader looks for them: below the paths that the asking file names, then beside
    /// the loader itself; what is loaded already serves every file that asks by that name.
    fn store_libraries(&self, programs: &[PathBuf]) -> Result<Vec<Library>, ImageError> {
        let read = |path: &Path| {
            let file = self.at(path);
            let bytes = std::fs::read(&file).map_err(io_error("read", &file))?;
            dynamic(path, &bytes)
        };
        let mut seen: BTreeMap<PathBuf, Dynamic> = BTreeMap::new();
        let mut found: BTreeMap<PathBuf, bool> = BTreeMap::new();
        for program in programs {
            let program = self.in_store(program);
            let Some(loader) = read(&program)?.interpreter else {
                continue;
            };
            let beside = loader.parent().unwrap_or(&loader);
            let mut loaded = self.opened.clone();
            let mut queue = [&[program.clone()][..], &self.opened].concat();
            while let Some(path) = queue.pop() {
                if !seen.contains_key(&path) {
                    seen.insert(path.clone(), read(&path)?);
                }
                let asking = &seen[&path];
                for name in &asking.needed {
                    let places = asking.search.iter().map(PathBuf::as_path);
                    let file = places
                        .chain([beside])
                        .map(|place| place.join(name))
                        .find(|file| self.at(file).exists())
                        .or_else(|| loaded.iter().find(|file| file.ends_with(name)).cloned())
                        .ok_or_else(|| {
                            self.missing(format!("the library {name} of {}", path.display()))
                        })?;
                    if file != loader && !loaded.contains(&file) {
                        loaded.push(file.clone());
                        queue.push(file);
                    }
                }
            }
            found.extend(loaded.into_iter().map(|file| (file, false)));
            found.insert(loader, true);
        }
        let libraries = found.into_iter().map(|(path, loader)| Library {
            place: in_image(&path),
            file: self.at(&path),
            loader,
        });
        Ok(libraries.collect())
    }

    /// The release of the one kernel in the tree.
    pub(crate) fn kernel_release(&self) -> Result<String, ImageError> {
        let directory = self.path.join("lib/modules");
        let mut releases: Vec<String> = std::fs::read_dir(&directory)
            .map_err(io_error("list", &directory))?
            .filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()))
            .collect();
        releases.sort();
        releases
            .pop()
            .ok_or_else(|| self.missing("a kernel below lib/modules"))
    }
}

/// What is in a store is in an image under the same path.
pub(crate) fn in_image(path: &Path) -> String {
    path.display().to_string().trim_matches('/').to_owned()
}

fn read(path: &Path) -> Result<Dynamic, ImageError> {
    let bytes = std::fs::read(path).map_err(io_error("read", path))?;
    dynamic(path, &bytes)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::process::Command;

    use super::*;

    /// Links nothing but what is named, as the files of a store are.
    fn link(directory: &Path, flags: &[&str]) {
        let status = Command::new("cc")
            .current_dir(directory)
            .args([
                "-nostdlib",
                "-Wl,--no-as-needed",
                "-Wl,--allow-shlib-undefined",
            ])
            .args(flags)
            .status();
        assert!(status.unwrap().success(), "{flags:?}");
    }

    /// A store with a loader, a library beside it, another one that asks for that, and a
    /// program that asks for the other; and a tree with a link to the program.
    fn store(directory: &Path) -> Root {
        for place in ["store/libc", "store/one", "store/app", "tree/bin"] {
            fs::create_dir_all(directory.join(place)).unwrap();
        }
        fs::write(directory.join("store/libc/ld-test.so"), "").unwrap();
        fs::write(
            directory.join("empty.c"),
            "int answer(void) { return 42; }\n",
        )
        .unwrap();
        let at = directory.display();
        let run_path = format!("-Wl,-rpath,$ORIGIN/../one:{at}/none");
        let loader = format!("-Wl,--dynamic-linker={at}/store/libc/ld-test.so");
        link(
            directory,
            &["-shared", "-o", "store/libc/libc.so", "empty.c"],
        );
        link(
            directory,
            &[
                "-shared",
                "-o",
                "store/one/libone.so",
                "empty.c",
                "-Lstore/libc",
                "-l:libc.so",
            ],
        );
        link(
            directory,
            &[
                "-o",
                "store/app/app",
                "-Wl,-e,answer",
                "empty.c",
                "-Lstore/one",
                "-lone",
                &run_path,
                &loader,
            ],
        );
        symlink(
            directory.join("store/app/app"),
            directory.join("tree/bin/app"),
        )
        .unwrap();
        Root::new(&directory.join("tree"), Layout::Store)
    }

    #[test]
    fn a_store_s_files_are_found_as_the_loader_finds_them() {
        let directory = tempfile::tempdir().unwrap();
        // macOS and some distributions have /tmp behind a link.
        let top = directory.path().canonicalize().unwrap();
        let root = store(&top);
        let program = root.program("app").unwrap();
        assert_eq!(program, top.join("store/app/app"));
        assert_eq!(root.argv("app").unwrap(), [program.display().to_string()]);
        let found = root.libraries(&[program]).unwrap();
        let found: Vec<(PathBuf, bool)> = found
            .into_iter()
            .map(|library| (library.file, library.loader))
            .collect();
        assert_eq!(
            found,
            [
                (top.join("store/libc/ld-test.so"), true),
                (top.join("store/libc/libc.so"), false),
                (top.join("store/one/libone.so"), false),
            ]
        );
    }

    #[test]
    fn a_library_that_is_nowhere_is_named_with_who_asks() {
        let directory = tempfile::tempdir().unwrap();
        let root = store(directory.path());
        fs::remove_file(directory.path().join("store/libc/libc.so")).unwrap();
        let program = root.program("app").unwrap();
        let error = root.libraries(&[program]).unwrap_err().to_string();
        assert!(error.contains("the library libc.so of"), "{error}");
        assert!(error.contains("libone.so is not below"), "{error}");
        assert!(error.ends_with("nix build .#parts"), "{error}");
    }
}
