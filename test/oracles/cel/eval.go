package main

import (
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/prototext"

	_ "cel.dev/expr/conformance/proto2"
	_ "cel.dev/expr/conformance/proto3"
	conformance "cel.dev/expr/conformance/test"

	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apiserver/pkg/cel/common"
	"k8s.io/apiserver/pkg/cel/openapi"
	"k8s.io/kube-openapi/pkg/validation/spec"
)

// {"op": "eval", "expression": …, "variables": …, "types": …, "bindings": {"self": {"json": "…", "schema": {…}}}}
// answers the value as text and the cost. JSON is text in text, so that no number of it is changed on the way.
//
// {"op": "conformance", "options": {"file": "….textproto"}} answers a file of cel-spec's tests as JSON.
func init() {
	operations["eval"] = eval
	operations["conformance"] = conformanceFile
}

type binding struct {
	JSON   string       `json:"json"`
	Schema *spec.Schema `json:"schema"`
}

func eval(env *cel.Env, r *request) answer {
	tree, issues := env.Compile(r.Expression)
	if issues.Err() != nil {
		return answer{Error: "compile: " + issues.String()}
	}
	program, err := env.Program(tree)
	if err != nil {
		return answer{Error: "program: " + err.Error()}
	}
	var bindings map[string]binding
	if len(r.Bindings) > 0 {
		if err := json.Unmarshal(r.Bindings, &bindings); err != nil {
			return answer{Error: "bindings: " + err.Error()}
		}
	}
	activation := map[string]any{}
	for name, b := range bindings {
		var value any
		if err := utiljson.Unmarshal([]byte(b.JSON), &value); err != nil {
			return answer{Error: "bindings: " + err.Error()}
		}
		if b.Schema != nil {
			value = common.UnstructuredToVal(value, &openapi.Schema{Schema: b.Schema})
		}
		activation[name] = value
	}
	value, details, err := program.Eval(activation)
	a := answer{}
	if details != nil && details.ActualCost() != nil {
		a.Cost = strconv.FormatUint(*details.ActualCost(), 10)
	}
	if err != nil {
		a.Error = err.Error()
		return a
	}
	a.Tree = text(value)
	return a
}

// text writes a value so that two are written alike only if they are alike, types included.
func text(value ref.Val) string {
	switch v := value.(type) {
	case types.Int:
		return strconv.FormatInt(int64(v), 10)
	case types.Uint:
		return strconv.FormatUint(uint64(v), 10) + "u"
	case types.Double:
		return "double " + strconv.FormatFloat(float64(v), 'g', -1, 64)
	case types.String:
		data, _ := json.Marshal(string(v))
		return string(data)
	case types.Bool:
		return strconv.FormatBool(bool(v))
	case types.Bytes:
		return fmt.Sprintf("bytes %x", []byte(v))
	case types.Null:
		return "null"
	case types.Timestamp:
		return "timestamp " + v.Time.Format(time.RFC3339Nano)
	case types.Duration:
		return "duration " + strconv.FormatInt(int64(v.Duration), 10)
	case *types.Type:
		return "type " + v.TypeName()
	case *types.Optional:
		if !v.HasValue() {
			return "none"
		}
		return "optional(" + text(v.GetValue()) + ")"
	case *types.Err:
		return "error " + v.Error()
	case traits.Lister:
		parts := []string{}
		for i := types.Int(0); i < v.Size().(types.Int); i++ {
			parts = append(parts, text(v.Get(i)))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case traits.Mapper:
		parts := []string{}
		for it := v.Iterator(); it.HasNext() == types.True; {
			key := it.Next()
			found, _ := v.Find(key)
			parts = append(parts, text(key)+": "+text(found))
		}
		sort.Strings(parts)
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return value.Type().TypeName()
}

func conformanceFile(_ *cel.Env, r *request) answer {
	var options struct {
		File string `json:"file"`
	}
	if err := json.Unmarshal(r.Options, &options); err != nil {
		return answer{Error: err.Error()}
	}
	data, err := os.ReadFile(options.File)
	if err != nil {
		return answer{Error: err.Error()}
	}
	var file conformance.SimpleTestFile
	if err := prototext.Unmarshal(data, &file); err != nil {
		return answer{Error: err.Error()}
	}
	converted, err := protojson.Marshal(&file)
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Value: json.RawMessage(converted)}
}
