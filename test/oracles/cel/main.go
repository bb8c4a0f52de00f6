// Says, for our tests, what cel-go makes of expressions in the environment that Kubernetes 1.36 gives them. One JSON
// request a line in, one JSON answer a line out.
//
//	{"op": "parse",    "expression": "a + 1"}
//	{"op": "check",    "expression": "a + 1", "variables": {"a": TYPE}, "types": {"Name": {"field": TYPE}}}
//	{"op": "estimate", the same, "sizes": {"self.list": {"min": 0, "max": 10}}}
//	{"op": "declarations"}
//
// A TYPE is {"kind": "list", "name": "list", "parameters": [TYPE], "nullable": false}, as in our packages. A parse answers
// the tree as text; a check the types and references by node id, too; an estimate the least and the greatest cost.
// Other operations live in files of their own and are added to the table of operations by an init function.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/checker"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/types"

	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/apiserver/pkg/cel/environment"
	"k8s.io/apiserver/pkg/cel/library"
)

type request struct {
	Op         string                         `json:"op"`
	Expression string                         `json:"expression"`
	Variables  map[string]*typeJSON           `json:"variables"`
	Types      map[string]map[string]typeJSON `json:"types"`
	Sizes      map[string]sizeJSON            `json:"sizes"`
	// Whatever other operations take.
	Bindings json.RawMessage `json:"bindings"`
	Options  json.RawMessage `json:"options"`
}

type sizeJSON struct {
	Min uint64 `json:"min"`
	Max uint64 `json:"max"`
}

type answer struct {
	Error string `json:"error,omitempty"`
	// The tree as text.
	Tree string `json:"tree,omitempty"`
	// The type of the whole, and by node id the types and what names refer to.
	Type       string              `json:"type,omitempty"`
	Types      map[int64]string    `json:"types,omitempty"`
	References map[int64]string    `json:"references"`
	Min        string              `json:"min,omitempty"`
	Max        string              `json:"max,omitempty"`
	Functions  map[string][]string `json:"functions,omitempty"`
	Value      any                 `json:"value,omitempty"`
	Cost       string              `json:"cost,omitempty"`
}

type operation func(env *cel.Env, r *request) answer

var operations = map[string]operation{
	"parse":        parse,
	"check":        check,
	"estimate":     estimate,
	"declarations": declarations,
}

var base = environment.MustBaseEnvSet(version.MajorMinor(1, 36))

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	decoder := json.NewDecoder(in)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for decoder.More() {
		var r request
		if err := decoder.Decode(&r); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		if err := encoder.Encode(respond(&r)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func respond(r *request) (a answer) {
	defer func() {
		if p := recover(); p != nil {
			a = answer{Error: fmt.Sprintf("panic: %v", p)}
		}
	}()
	do := operations[r.Op]
	if do == nil {
		return answer{Error: "no such operation: " + r.Op}
	}
	env, err := environmentOf(r)
	if err != nil {
		return answer{Error: "environment: " + err.Error()}
	}
	return do(env, r)
}

// environmentOf gives the environment of stored expressions, with the request's variables and types.
func environmentOf(r *request) (*cel.Env, error) {
	env := base.StoredExpressionsEnv()
	if len(r.Variables) == 0 && len(r.Types) == 0 {
		return env, nil
	}
	var options []cel.EnvOption
	if len(r.Types) > 0 {
		options = append(options, cel.CustomTypeProvider(&provider{Provider: env.CELTypeProvider(), types: r.Types}))
	}
	for name, t := range r.Variables {
		options = append(options, cel.Variable(name, t.toType()))
	}
	return env.Extend(options...)
}

func parse(env *cel.Env, r *request) answer {
	tree, issues := env.Parse(r.Expression)
	if issues.Err() != nil {
		return answer{Error: issues.String()}
	}
	return answer{Tree: dump(tree.NativeRep().Expr())}
}

func check(env *cel.Env, r *request) answer {
	tree, issues := env.Compile(r.Expression)
	if issues.Err() != nil {
		return answer{Error: issues.String()}
	}
	checked := tree.NativeRep()
	a := answer{Tree: dump(checked.Expr()), Types: map[int64]string{}, References: map[int64]string{}}
	a.Type = checker.FormatCELType(checked.GetType(checked.Expr().ID()))
	for id, t := range checked.TypeMap() {
		a.Types[id] = checker.FormatCELType(t)
	}
	for id, reference := range checked.ReferenceMap() {
		a.References[id] = referenceText(reference)
	}
	return a
}

func estimate(env *cel.Env, r *request) answer {
	tree, issues := env.Compile(r.Expression)
	if issues.Err() != nil {
		return answer{Error: issues.String()}
	}
	cost, err := env.EstimateCost(tree, &library.CostEstimator{SizeEstimator: sizes(r.Sizes)})
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Min: fmt.Sprint(cost.Min), Max: fmt.Sprint(cost.Max)}
}

// sizes answers how long what stands at a path is.
type sizes map[string]sizeJSON

func (s sizes) EstimateSize(element checker.AstNode) *checker.SizeEstimate {
	path := ""
	for i, part := range element.Path() {
		if i > 0 {
			path += "."
		}
		path += part
	}
	if size, found := s[path]; found {
		return &checker.SizeEstimate{Min: size.Min, Max: size.Max}
	}
	return nil
}

func (sizes) EstimateCallCost(string, string, *checker.AstNode, []checker.AstNode) *checker.CallEstimate {
	return nil
}

func declarations(env *cel.Env, _ *request) answer {
	functions := map[string][]string{}
	for name, function := range env.Functions() {
		for _, overload := range function.OverloadDecls() {
			kind := "function"
			if overload.IsMemberFunction() {
				kind = "member"
			}
			arguments := make([]*types.Type, 0)
			arguments = append(arguments, overload.ArgTypes()...)
			signature := types.NewOpaqueType("function", append([]*types.Type{overload.ResultType()}, arguments...)...)
			functions[name] = append(functions[name], overload.ID()+" "+kind+" "+checker.FormatCELType(signature))
		}
	}
	return answer{Functions: functions}
}

func referenceText(reference *ast.ReferenceInfo) string {
	if len(reference.OverloadIDs) > 0 {
		return fmt.Sprint(reference.OverloadIDs)
	}
	return reference.Name
}
