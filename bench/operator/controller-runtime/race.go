package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// race counts how often a pass reads an object that is older than what it, or the pass before it, has written.
type race struct {
	client.Client
	limit int64

	mu      sync.Mutex
	written map[types.NamespacedName]int64
	done    int64
	atOnce  int64
	later   int64
	ended   chan struct{}
}

func (r *race) Reconcile(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
	foo := &Foo{}
	if err := r.Get(ctx, request.NamespacedName, foo); err != nil {
		return reconcile.Result{}, client.IgnoreNotFound(err)
	}
	r.mu.Lock()
	if r.done >= r.limit {
		r.mu.Unlock()
		return reconcile.Result{}, nil
	}
	last := r.written[request.NamespacedName]
	old := foo.Status.Passes < last
	r.mu.Unlock()

	before := client.MergeFrom(foo.DeepCopy())
	foo.Status.Passes = max(foo.Status.Passes, last) + 1
	wanted := foo.Status.Passes
	if err := r.Status().Patch(ctx, foo, before); err != nil {
		return reconcile.Result{}, err
	}
	again := &Foo{}
	if err := r.Get(ctx, request.NamespacedName, again); err != nil {
		return reconcile.Result{}, err
	}

	r.mu.Lock()
	defer r.mu.Unlock()
	r.written[request.NamespacedName] = wanted
	if old {
		r.later++
	}
	if again.Status.Passes < wanted {
		r.atOnce++
	}
	r.done++
	if r.done == r.limit {
		close(r.ended)
	}
	return reconcile.Result{RequeueAfter: time.Millisecond}, nil
}

func runRace(ctx context.Context, mgr ctrl.Manager, limit int64, concurrency int) error {
	r := &race{Client: mgr.GetClient(), limit: limit, written: map[types.NamespacedName]int64{}, ended: make(chan struct{})}
	options := controller.Options{MaxConcurrentReconciles: concurrency}
	if err := ctrl.NewControllerManagedBy(mgr).For(&Foo{}).WithOptions(options).Complete(r); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	go func() {
		<-r.ended
		r.mu.Lock()
		fmt.Printf("raced %d %d %d\n", r.done, r.atOnce, r.later)
		r.mu.Unlock()
		stop()
	}()
	return mgr.Start(ctx)
}
