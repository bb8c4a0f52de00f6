package main

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

var fooVersion = schema.GroupVersion{Group: "bench.setpoint.dev", Version: "v1"}

type Foo struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              FooSpec   `json:"spec"`
	Status            FooStatus `json:"status,omitzero"`
}

type FooSpec struct {
	// Name of the Pod that makes it happy.
	Name string `json:"name"`
}

type FooStatus struct {
	Happy *bool `json:"happy,omitempty"`
	// Passes is counted up by each pass of the race.
	Passes int64 `json:"passes,omitempty"`
}

type FooList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Foo `json:"items"`
}

func (foo *Foo) DeepCopy() *Foo {
	out := *foo
	foo.ObjectMeta.DeepCopyInto(&out.ObjectMeta)
	if foo.Status.Happy != nil {
		happy := *foo.Status.Happy
		out.Status.Happy = &happy
	}
	return &out
}

func (foo *Foo) DeepCopyObject() runtime.Object { return foo.DeepCopy() }

func (list *FooList) DeepCopyObject() runtime.Object {
	out := &FooList{TypeMeta: list.TypeMeta, ListMeta: *list.ListMeta.DeepCopy()}
	for i := range list.Items {
		out.Items = append(out.Items, *list.Items[i].DeepCopy())
	}
	return out
}

func addFoo(scheme *runtime.Scheme) {
	scheme.AddKnownTypes(fooVersion, &Foo{}, &FooList{})
	metav1.AddToGroupVersion(scheme, fooVersion)
}
