//! Kernels of the guests and QEMUs: those of the parts that programs are of, and further ones.

use std::path::PathBuf;

use vnicbench_model::{Artifact, GuestKit, QemuKit, Variant};

use crate::error::ImageError;
use crate::image::{Sources, artifact, firmware_dirs, firmware_files, make_guest};
use crate::parts::Parts;
use crate::root::{Layout, Root, in_image};

/// The program.
pub(crate) const QEMU: &str = "qemu-system-x86_64";
/// A distribution's package that has it.
pub(crate) const QEMU_PACKAGE: &str = "qemu-system-x86";

/// All kernels and QEMUs that there are, the first of each being what is used where a matrix names
/// none.
pub(crate) struct Versions {
    /// Kernels with their images, on this machine.
    pub(crate) guests: Vec<GuestKit>,
    /// QEMUs on this machine.
    pub(crate) qemus: Vec<QemuKit>,
    /// The same in the test host.
    pub(crate) inner_qemus: Vec<QemuKit>,
    /// Files of further QEMUs in the test host: place, file, and whether it is executable.
    pub(crate) files: Vec<(String, PathBuf, bool)>,
    /// What a campaign records of the further ones.
    pub(crate) variants: Vec<Variant>,
}

impl Versions {
    /// Adds the kernel and the QEMU of `variant` that aren't there yet, with guests that have the
    /// programs below `programs`. Gives the artifacts that these are.
    pub(crate) fn add(
        &mut self,
        variant: &Parts,
        programs: &Root,
        sources: &Sources<'_>,
    ) -> Result<Vec<Artifact>, ImageError> {
        let root = &variant.root;
        let mut artifacts = Vec::new();
        let mut record = Variant {
            name: variant.name.clone(),
            provider: variant.provider.clone(),
            packages: variant.packages.clone(),
            differences: variant.differences.clone(),
            ..Variant::default()
        };
        // A tree may be there for one of the two only.
        let known = |release: &String| self.guests.iter().any(|guest| guest.release == *release);
        if let Some(release) = variant.kernel().filter(|release| !known(release)) {
            let suffix = format!("-{release}");
            let (guest, version) = make_guest(variant, &release, programs, sources, &suffix)?;
            artifacts.push(artifact(
                &format!("guest-image{suffix}"),
                release.clone(),
                &guest.image,
            )?);
            artifacts.push(artifact(
                &format!("kernel{suffix}"),
                version,
                &guest.kernel,
            )?);
            self.guests.push(guest);
            record.kernel = Some(release);
        }
        let known = |version: &String| self.qemus.iter().any(|qemu| qemu.version == *version);
        if let Some(version) = variant.qemu().filter(|version| !known(version)) {
            artifacts.push(artifact(
                &format!("qemu-{version}"),
                version.clone(),
                &root.program(QEMU)?,
            )?);
            self.qemus.push(QemuKit {
                version: version.clone(),
                command: root.argv(QEMU)?,
                firmware: firmware_dirs(root),
            });
            let inner = self.inside(root, version.clone())?;
            self.inner_qemus.push(inner);
            record.qemu = Some(version);
        }
        if record.kernel.is_some() || record.qemu.is_some() {
            self.variants.push(record);
        }
        Ok(artifacts)
    }

    /// Puts the QEMU of `root` into the test host, with its own loader, libraries and firmware.
    fn inside(&mut self, root: &Root, version: String) -> Result<QemuKit, ImageError> {
        let directory = format!("opt/qemu-{}", self.inner_qemus.len());
        let program = root.program(QEMU)?;
        let libraries = root.libraries(std::slice::from_ref(&program))?;
        let command = match root.layout() {
            Layout::Store | Layout::Copy => {
                let place = in_image(&root.in_store(&program));
                self.files.push((place.clone(), program, true));
                for library in libraries {
                    self.files
                        .push((library.place, library.file, library.loader));
                }
                vec![format!("/{place}")]
            }
            Layout::Distribution => {
                self.files
                    .push((format!("{directory}/{QEMU}"), program, true));
                for library in libraries {
                    let name = library.place.rsplit('/').next().unwrap_or_default();
                    let name = if library.loader { "ld.so" } else { name };
                    let place = format!("{directory}/{name}");
                    self.files.push((place, library.file, library.loader));
                }
                vec![
                    format!("/{directory}/ld.so"),
                    "--library-path".into(),
                    format!("/{directory}"),
                    format!("/{directory}/{QEMU}"),
                ]
            }
        };
        let firmware = format!("{directory}/firmware");
        let files = firmware_files(root, &firmware)?.into_iter();
        self.files
            .extend(files.map(|(place, file)| (place, file, false)));
        Ok(QemuKit {
            version,
            command,
            firmware: vec![PathBuf::from(format!("/{firmware}"))],
        })
    }
}
