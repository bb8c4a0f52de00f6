//! An index by one name: kube's reflector store knows objects by namespace and name only.

use std::collections::HashMap;
use std::sync::Mutex;

use kube::runtime::watcher::Event;
use tokio::sync::watch;

/// Namespace and name.
pub type Key = (String, String);

#[derive(Default)]
struct Entries {
    keys: HashMap<String, Vec<Key>>,
    name_of: HashMap<Key, String>,
}

impl Entries {
    fn put(&mut self, key: Key, name: &str) {
        if self.name_of.get(&key).is_some_and(|known| known == name) {
            return;
        }
        self.remove(&key);
        self.keys.entry(name.to_owned()).or_default().push(key.clone());
        self.name_of.insert(key, name.to_owned());
    }

    fn remove(&mut self, key: &Key) {
        let Some(name) = self.name_of.remove(key) else { return };
        if let Some(keys) = self.keys.get_mut(&name) {
            keys.retain(|other| other != key);
            if keys.is_empty() {
                self.keys.remove(&name);
            }
        }
    }
}

/// What readers see, and the list that is being collected.
pub struct Names {
    seen: Mutex<Entries>,
    listed: Mutex<Entries>,
    ready: watch::Sender<bool>,
}

impl Names {
    pub fn new() -> Self {
        Self { seen: Mutex::default(), listed: Mutex::default(), ready: watch::Sender::new(false) }
    }

    /// Follows a watcher; `describe` gives the key of an object and the name that it is filed under.
    pub fn follow<K>(&self, event: &Event<K>, describe: impl Fn(&K) -> (Key, &str)) {
        let put = |entries: &Mutex<Entries>, object: &K| {
            let (key, name) = describe(object);
            entries.lock().unwrap().put(key, name);
        };
        match event {
            Event::Init => *self.listed.lock().unwrap() = Entries::default(),
            Event::InitApply(object) => put(&self.listed, object),
            Event::InitDone => {
                *self.seen.lock().unwrap() = std::mem::take(&mut *self.listed.lock().unwrap());
                self.ready.send_replace(true);
            }
            Event::Apply(object) => put(&self.seen, object),
            Event::Delete(object) => self.seen.lock().unwrap().remove(&describe(object).0),
        }
    }

    pub async fn ready(&self) {
        if !*self.ready.borrow() {
            let _ = self.ready.subscribe().wait_for(|ready| *ready).await;
        }
    }

    pub fn contains(&self, name: &str) -> bool {
        self.seen.lock().unwrap().keys.contains_key(name)
    }

    pub fn keys(&self, name: &str) -> Vec<Key> {
        self.seen.lock().unwrap().keys.get(name).cloned().unwrap_or_default()
    }
}
