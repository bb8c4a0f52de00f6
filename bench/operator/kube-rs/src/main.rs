//! The Foo operator on kube-rs: a controller on a stream of Foos, reflected into a store, and Pods by their names.
//! `--concurrency=N` passes at a time; `--metadata-only` keeps only the metadata of Pods.

mod names;

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures::{Stream, StreamExt, TryStreamExt};
use k8s_openapi::api::core::v1::Pod;
use kube::api::{Patch, PatchParams};
use kube::core::PartialObjectMeta;
use kube::runtime::controller::{Action, Config, Controller};
use kube::runtime::reflector::store::Writer;
use kube::runtime::reflector::{self, ObjectRef, Store};
use kube::runtime::{WatchStreamExt, watcher};
use kube::{Api, Client, CustomResource, Resource, ResourceExt};
use names::{Key, Names};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(CustomResource, Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[kube(group = "bench.setpoint.dev", version = "v1", kind = "Foo", namespaced, status = "FooStatus")]
struct FooSpec {
    name: String,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
struct FooStatus {
    happy: Option<bool>,
}

struct Shared {
    client: Client,
    pods: Arc<Names>,
    passes: AtomicU64,
}

async fn reconcile(foo: Arc<Foo>, shared: Arc<Shared>) -> Result<Action, kube::Error> {
    shared.pods.ready().await;
    let happy = shared.pods.contains(&foo.spec.name);
    let known = foo.status.as_ref().and_then(|status| status.happy);
    if known != Some(happy) {
        let foos: Api<Foo> = Api::namespaced(shared.client.clone(), &foo.namespace().unwrap_or_default());
        let patch = Patch::Merge(json!({ "status": { "happy": happy } }));
        match foos.patch_status(&foo.name_any(), &PatchParams::default(), &patch).await {
            Err(kube::Error::Api(status)) if status.code == 404 => {}
            other => {
                other?;
            }
        }
    }
    shared.passes.fetch_add(1, Ordering::Relaxed);
    Ok(Action::await_change())
}

fn key(object: &impl Resource) -> Key {
    let meta = object.meta();
    (meta.namespace.clone().unwrap_or_default(), meta.name.clone().unwrap_or_default())
}

fn without_managed_fields(object: &mut impl Resource) {
    object.meta_mut().managed_fields = None;
}

/// Pods as they change, kept in a store and by their names on the way.
fn touched_pods<K>(
    events: impl Stream<Item = watcher::Result<watcher::Event<K>>> + Send + 'static,
    writer: Writer<K>,
    names: Arc<Names>,
) -> impl Stream<Item = watcher::Result<K>> + Send + 'static
where
    K: Resource<DynamicType = ()> + Clone + Debug + Send + Sync + 'static,
{
    events
        .default_backoff()
        .modify(without_managed_fields)
        .reflect(writer)
        .inspect_ok(move |event| names.follow(event, |pod| (key(pod), pod.meta().name.as_deref().unwrap_or_default())))
        .touched_objects()
}

fn monotonic() -> u64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut now) };
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

/// Says when the stores are filled, and when every Foo was passed and nothing more came for half a second.
async fn report(store: Store<Foo>, foos: Arc<Names>, shared: Arc<Shared>) {
    foos.ready().await;
    shared.pods.ready().await;
    println!("synced {}", monotonic());
    let wanted = store.len() as u64;
    let (mut seen, mut since) = (u64::MAX, 0);
    let mut ticks = tokio::time::interval(Duration::from_millis(10));
    loop {
        ticks.tick().await;
        let (now, count) = (monotonic(), shared.passes.load(Ordering::Relaxed));
        if count != seen {
            (seen, since) = (count, now);
        } else if count >= wanted && now - since >= 500_000_000 {
            println!("drained {since} {count}");
            return;
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut concurrency = 1;
    let mut metadata_only = false;
    for argument in std::env::args().skip(1) {
        match argument.split_once('=') {
            Some(("--concurrency", count)) => concurrency = count.parse()?,
            None if argument == "--metadata-only" => metadata_only = true,
            _ => return Err(format!("there is no flag {argument}").into()),
        }
    }
    let client = Client::try_default().await?;
    let lists = || watcher::Config::default().any_semantic();
    let (foos, pods) = (Arc::new(Names::new()), Arc::new(Names::new()));

    let (store, writer) = reflector::store();
    let names = foos.clone();
    let stream = watcher(Api::<Foo>::all(client.clone()), lists())
        .default_backoff()
        .modify(without_managed_fields)
        .reflect(writer)
        .inspect_ok(move |event| names.follow(event, |foo| (key(foo), &foo.spec.name)))
        .applied_objects();
    let controller = Controller::for_stream(stream, store.clone()).with_config(Config::default().concurrency(concurrency));

    let by_friend = foos.clone();
    let friends = move |name: &str| {
        by_friend.keys(name).into_iter().map(|(namespace, name)| ObjectRef::new(&name).within(&namespace)).collect::<Vec<_>>()
    };
    let controller = if metadata_only {
        let (_, writer) = reflector::store();
        let api = Api::<PartialObjectMeta<Pod>>::all(client.clone());
        let stream = touched_pods(watcher(api, lists()), writer, pods.clone());
        controller.watches_stream(stream, move |pod| friends(&pod.name_any()))
    } else {
        let (_, writer) = reflector::store();
        let api = Api::<Pod>::all(client.clone());
        let stream = touched_pods(watcher(api, lists()), writer, pods.clone());
        controller.watches_stream(stream, move |pod| friends(&pod.name_any()))
    };

    let shared = Arc::new(Shared { client, pods, passes: AtomicU64::new(0) });
    tokio::spawn(report(store, foos, shared.clone()));
    let on_error = |_: Arc<Foo>, error: &kube::Error, _: Arc<Shared>| {
        eprintln!("a pass failed: {error}");
        Action::requeue(Duration::from_secs(1))
    };
    controller.shutdown_on_signal().run(reconcile, on_error, shared).for_each(|_| async {}).await;
    Ok(())
}
