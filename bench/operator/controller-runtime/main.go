// The Foo operator on controller-runtime, as its users write one: typed objects, field indexes, the cached client.
//
//	--concurrency=N    passes at a time
//	--metadata-only    caches the metadata of Pods only
//	--race=N           N passes that write and read again at once, instead; prints how many saw an old object
//	--metrics=ADDRESS  serves metrics
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"github.com/go-logr/logr"
	"golang.org/x/sys/unix"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

const (
	byFriend = "friend"
	byName   = "name"
)

var passes atomic.Int64

type operator struct {
	client.Client
	pod          client.Object
	metadataOnly bool
}

func (o *operator) Reconcile(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
	defer passes.Add(1)
	foo := &Foo{}
	if err := o.Get(ctx, request.NamespacedName, foo); err != nil {
		return reconcile.Result{}, client.IgnoreNotFound(err)
	}
	happy, err := o.exists(ctx, foo.Spec.Name)
	if err != nil || (foo.Status.Happy != nil && *foo.Status.Happy == happy) {
		return reconcile.Result{}, err
	}
	before := client.MergeFrom(foo.DeepCopy())
	foo.Status.Happy = &happy
	return reconcile.Result{}, client.IgnoreNotFound(o.Status().Patch(ctx, foo, before))
}

func (o *operator) exists(ctx context.Context, name string) (bool, error) {
	// What is found is only counted, so the copies that lists make by default are left out.
	options := []client.ListOption{client.MatchingFields{byName: name}, client.Limit(1), client.UnsafeDisableDeepCopy}
	if o.metadataOnly {
		list := &metav1.PartialObjectMetadataList{}
		list.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("PodList"))
		err := o.List(ctx, list, options...)
		return len(list.Items) > 0, err
	}
	list := &corev1.PodList{}
	err := o.List(ctx, list, options...)
	return len(list.Items) > 0, err
}

func (o *operator) friendsOf(ctx context.Context, pod client.Object) []reconcile.Request {
	list := &FooList{}
	if err := o.List(ctx, list, client.MatchingFields{byFriend: pod.GetName()}, client.UnsafeDisableDeepCopy); err != nil {
		return nil
	}
	requests := make([]reconcile.Request, 0, len(list.Items))
	for _, foo := range list.Items {
		key := types.NamespacedName{Namespace: foo.Namespace, Name: foo.Name}
		requests = append(requests, reconcile.Request{NamespacedName: key})
	}
	return requests
}

func (o *operator) setUp(ctx context.Context, mgr ctrl.Manager, concurrency int) error {
	indexer := mgr.GetFieldIndexer()
	friend := func(object client.Object) []string { return []string{object.(*Foo).Spec.Name} }
	if err := indexer.IndexField(ctx, &Foo{}, byFriend, friend); err != nil {
		return err
	}
	name := func(object client.Object) []string { return []string{object.GetName()} }
	if err := indexer.IndexField(ctx, o.pod, byName, name); err != nil {
		return err
	}
	var watch []builder.WatchesOption
	if o.metadataOnly {
		watch = append(watch, builder.OnlyMetadata)
	}
	return ctrl.NewControllerManagedBy(mgr).
		For(&Foo{}).
		Watches(o.pod, handler.EnqueueRequestsFromMapFunc(o.friendsOf), watch...).
		WithOptions(controller.Options{MaxConcurrentReconciles: concurrency}).
		Complete(o)
}

func monotonic() int64 {
	var now unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &now)
	return now.Nano()
}

// report says when the caches are filled, and when every Foo was passed and nothing more came for half a second.
func report(mgr ctrl.Manager) manager.RunnableFunc {
	return func(ctx context.Context) error {
		if !mgr.GetCache().WaitForCacheSync(ctx) {
			return nil
		}
		fmt.Printf("synced %d\n", monotonic())
		list := &FooList{}
		if err := mgr.GetClient().List(ctx, list, client.UnsafeDisableDeepCopy); err != nil {
			return err
		}
		wanted := int64(len(list.Items))
		list = nil
		ticker := time.NewTicker(10 * time.Millisecond)
		defer ticker.Stop()
		for seen, since := int64(-1), int64(0); ; {
			select {
			case <-ctx.Done():
				return nil
			case <-ticker.C:
			}
			now, count := monotonic(), passes.Load()
			if count != seen {
				seen, since = count, now
			} else if count >= wanted && now-since >= int64(500*time.Millisecond) {
				fmt.Printf("drained %d %d\n", since, count)
				return nil
			}
		}
	}
}

func run() error {
	concurrency := flag.Int("concurrency", 1, "passes at a time")
	metadataOnly := flag.Bool("metadata-only", false, "cache the metadata of Pods only")
	metrics := flag.String("metrics", "0", "where metrics are served")
	races := flag.Int64("race", 0, "passes that write and read again")
	flag.Parse()
	ctrl.SetLogger(logr.Discard())
	ctx := ctrl.SetupSignalHandler()
	scheme := runtime.NewScheme()
	if err := clientgoscheme.AddToScheme(scheme); err != nil {
		return err
	}
	addFoo(scheme)
	config, err := ctrl.GetConfig()
	if err != nil {
		return err
	}
	if *races > 0 {
		// The default of 20 requests a second is a matter of patience, not of what is measured.
		config.QPS = -1
	}
	mgr, err := ctrl.NewManager(config, ctrl.Options{
		Scheme:                 scheme,
		Metrics:                metricsserver.Options{BindAddress: *metrics},
		HealthProbeBindAddress: "0",
		Cache:                  cache.Options{DefaultTransform: cache.TransformStripManagedFields()},
	})
	if err != nil {
		return err
	}
	if *races > 0 {
		return runRace(ctx, mgr, *races, *concurrency)
	}
	o := &operator{Client: mgr.GetClient(), pod: &corev1.Pod{}, metadataOnly: *metadataOnly}
	if *metadataOnly {
		pod := &metav1.PartialObjectMetadata{}
		pod.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Pod"))
		o.pod = pod
	}
	if err := o.setUp(ctx, mgr, *concurrency); err != nil {
		return err
	}
	if err := mgr.Add(report(mgr)); err != nil {
		return err
	}
	return mgr.Start(ctx)
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
