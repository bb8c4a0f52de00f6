// Answers, for our tests, what k8s.io/apimachinery makes of strategic merge patches and how k8s.io/api writes objects
// in protobuf. One JSON request a line in, one JSON answer a line out.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	admissionregistration "k8s.io/api/admissionregistration/v1"
	apps "k8s.io/api/apps/v1"
	authentication "k8s.io/api/authentication/v1"
	authorization "k8s.io/api/authorization/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batch "k8s.io/api/batch/v1"
	certificates "k8s.io/api/certificates/v1"
	coordination "k8s.io/api/coordination/v1"
	core "k8s.io/api/core/v1"
	discovery "k8s.io/api/discovery/v1"
	events "k8s.io/api/events/v1"
	flowcontrol "k8s.io/api/flowcontrol/v1"
	networking "k8s.io/api/networking/v1"
	node "k8s.io/api/node/v1"
	policy "k8s.io/api/policy/v1"
	rbac "k8s.io/api/rbac/v1"
	resource "k8s.io/api/resource/v1"
	scheduling "k8s.io/api/scheduling/v1"
	storage "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	kjson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
)

type request struct {
	// What is asked for: patch, diff, apply or protobuf.
	Op      string          `json:"op"`
	Group   string          `json:"group"`
	Version string          `json:"version"`
	Kind    string          `json:"kind"`
	Object  json.RawMessage `json:"object"`
	// patch: what is applied to the object. diff: the object that the patch shall make of it.
	Patch    json.RawMessage `json:"patch"`
	Modified json.RawMessage `json:"modified"`
	// apply: the object as it was when it was last applied.
	Original json.RawMessage `json:"original"`
}

type answer struct {
	Outcomes []outcome `json:"outcomes,omitempty"`
	// The patch that was made of a difference.
	Patch json.RawMessage `json:"patch,omitempty"`
	// protobuf: the object as Go writes it in both forms.
	Object   any    `json:"object,omitempty"`
	Protobuf []byte `json:"protobuf,omitempty"`
	// Why there is no answer.
	Error string `json:"error,omitempty"`
}

type outcome struct {
	Object json.RawMessage `json:"object,omitempty"`
	// What is left of the patch once it is applied, as Go prints it.
	Left  string `json:"left,omitempty"`
	Error string `json:"error,omitempty"`
}

var scheme = runtime.NewScheme()

func main() {
	for _, add := range []func(*runtime.Scheme) error{
		admissionregistration.AddToScheme, apps.AddToScheme, authentication.AddToScheme, authorization.AddToScheme,
		autoscalingv1.AddToScheme, autoscalingv2.AddToScheme, batch.AddToScheme, coordination.AddToScheme, core.AddToScheme,
		discovery.AddToScheme, events.AddToScheme, networking.AddToScheme, policy.AddToScheme, rbac.AddToScheme, storage.AddToScheme,
		certificates.AddToScheme, flowcontrol.AddToScheme, node.AddToScheme, resource.AddToScheme, scheduling.AddToScheme,
	} {
		if err := add(scheme); err != nil {
			panic(err)
		}
	}
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 64<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	for in.Scan() {
		var r request
		if err := json.Unmarshal(in.Bytes(), &r); err != nil {
			panic(err)
		}
		if err := encoder.Encode(run(r)); err != nil {
			panic(err)
		}
	}
}

func run(r request) answer {
	object, err := scheme.New(schema.GroupVersionKind{Group: r.Group, Version: r.Version, Kind: r.Kind})
	if err != nil {
		return answer{Error: err.Error()}
	}
	switch r.Op {
	case "patch":
		return patch(r.Object, r.Patch, object)
	case "diff":
		made, err := strategicpatch.CreateTwoWayMergePatch(r.Object, r.Modified, object)
		return patchMade(r.Object, made, err, object)
	case "apply":
		meta, err := strategicpatch.NewPatchMetaFromStruct(object)
		if err != nil {
			panic(err)
		}
		made, err := strategicpatch.CreateThreeWayMergePatch(r.Original, r.Modified, r.Object, meta, true)
		return patchMade(r.Object, made, err, object)
	case "protobuf":
		return encode(r.Object, object)
	}
	panic("no such operation: " + r.Op)
}

func patchMade(object, made json.RawMessage, err error, kind runtime.Object) answer {
	if err != nil {
		return answer{Error: "making the patch: " + err.Error()}
	}
	result := patch(object, made, kind)
	result.Patch = made
	return result
}

// patch does what the server does with the body of a request, often enough to see all that may come of it: the order
// in which Go visits the members of an object decides which of several mistakes is found, and now and then the result.
func patch(object, patch json.RawMessage, kind runtime.Object) answer {
	found := map[string]outcome{}
	failed := false
	for try := 0; try < 4 || (failed && try < 40) || (len(found) > 1 && try < 400); try++ {
		one := patchOnce(object, patch, kind)
		failed = failed || one.Error != ""
		found[one.Error+one.Left+string(one.Object)] = one
	}
	var result answer
	for _, one := range found {
		result.Outcomes = append(result.Outcomes, one)
	}
	return result
}

func patchOnce(object, patch json.RawMessage, kind runtime.Object) (result outcome) {
	defer func() {
		if failed := recover(); failed != nil {
			result = outcome{Error: fmt.Sprintf("panic: %v", failed)}
		}
	}()
	var originalMap, patchMap map[string]any
	for bytes, into := range map[*json.RawMessage]*map[string]any{&object: &originalMap, &patch: &patchMap} {
		if err := kjson.Unmarshal(*bytes, into); err != nil {
			panic(err)
		}
	}
	patched, err := strategicpatch.StrategicMergeMapPatch(originalMap, patchMap, kind)
	if err != nil {
		return outcome{Error: err.Error()}
	}
	bytes, err := json.Marshal(patched)
	if err != nil {
		panic(err)
	}
	return outcome{Object: bytes, Left: fmt.Sprintf("%+v", patchMap)}
}

func encode(object json.RawMessage, into runtime.Object) answer {
	if err := json.Unmarshal(object, into); err != nil {
		return answer{Error: err.Error()}
	}
	serializer := protobuf.NewSerializer(scheme, scheme)
	bytes, err := runtime.Encode(serializer, into)
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Object: into, Protobuf: bytes}
}
