//! Files that were handed over together, each of which may link to the others.

use assay::budget;
use assay::input::Artifact;

/// Small files, each opened once and known by its place.
pub struct Together<'a, P> {
    places: Vec<P>,
    artifacts: Vec<Artifact<'a>>,
}

impl<'a, P: PartialEq> Together<'a, P> {
    /// Opens those that can be linked to: a place, a name and the bytes of each.
    pub fn open(files: impl Iterator<Item = (P, &'a str, &'a [u8])>) -> Self {
        let opened = files.filter_map(|(place, name, bytes)| {
            Some((place, assay::open_beside(&[(name, bytes)]).pop()?))
        });
        let (places, artifacts) = opened.take(budget::BESIDE_FILES.saturating_add(1)).unzip();
        Self { places, artifacts }
    }

    /// Hands all files to `work` but the one at `place`.
    pub fn without<T>(&mut self, place: P, work: impl FnOnce(&[Artifact<'a>]) -> T) -> T {
        let own = self.places.iter().position(|other| *other == place);
        let taken = own.map(|at| (at, self.artifacts.remove(at)));
        let done = work(&self.artifacts);
        if let Some((at, artifact)) = taken {
            self.artifacts.insert(at, artifact);
        }
        done
    }
}
