// Answers, for our tests, what sigs.k8s.io/structured-merge-diff makes of applies and updates, one after the other, and
// of sets of fields. One JSON request a line in, one JSON answer a line out.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sort"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	kjson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/managedfields"
	applyconfigurations "k8s.io/client-go/applyconfigurations"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/kube-openapi/pkg/schemaconv"
	"k8s.io/kube-openapi/pkg/validation/spec"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
	"sigs.k8s.io/structured-merge-diff/v6/merge"
	"sigs.k8s.io/structured-merge-diff/v6/schema"
	"sigs.k8s.io/structured-merge-diff/v6/typed"
	"sigs.k8s.io/structured-merge-diff/v6/value"
)

type request struct {
	// Types of custom resources as OpenAPI schemas; null is deduced. None: the objects are of built-in kinds.
	Schemas []*spec.Schema `json:"schemas"`
	Steps   []step         `json:"steps"`
	// Fields that nobody comes to own in version v1, as FieldsV1.
	Ignored json.RawMessage `json:"ignored"`
	// Two sets of fields, as FieldsV1, to work on.
	Sets []json.RawMessage `json:"sets"`
}

type step struct {
	// apply, update, or type: from now on objects are of that schema.
	Op      string          `json:"op"`
	Type    int             `json:"type"`
	Manager string          `json:"manager"`
	Version string          `json:"version"`
	Force   bool            `json:"force"`
	Object  json.RawMessage `json:"object"`
}

type answer struct {
	Steps []result          `json:"steps,omitempty"`
	Sets  map[string]string `json:"sets,omitempty"`
	Error string            `json:"error,omitempty"`
}

type result struct {
	Object    any                `json:"object"`
	Managers  map[string]manager `json:"managers"`
	Conflicts []conflict         `json:"conflicts,omitempty"`
	Error     string             `json:"error,omitempty"`
}

type manager struct {
	Version string          `json:"version"`
	Applied bool            `json:"applied"`
	Fields  json.RawMessage `json:"fields"`
}

type conflict struct {
	Manager string `json:"manager"`
	Path    string `json:"path"`
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 64<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for in.Scan() {
		var asked request
		if err := json.Unmarshal(in.Bytes(), &asked); err != nil {
			panic(err)
		}
		line, err := json.Marshal(respond(asked))
		if err != nil {
			panic(err)
		}
		out.Write(append(line, '\n'))
	}
}

func respond(asked request) answer {
	if len(asked.Sets) > 0 {
		return sets(asked.Sets)
	}
	run := &sequence{managers: fieldpath.ManagedFields{}, live: map[string]any{}}
	for _, one := range asked.Schemas {
		parse, err := parserOf(one)
		if err != nil {
			return answer{Error: err.Error()}
		}
		run.types = append(run.types, parse)
	}
	if len(asked.Schemas) == 0 {
		run.types = append(run.types, builtin)
		run.builtin = true
	}
	run.updater = merge.Updater{Converter: converter{}}
	if len(asked.Ignored) > 0 {
		set := fieldpath.NewSet()
		if err := set.FromJSON(strings.NewReader(string(asked.Ignored))); err != nil {
			return answer{Error: err.Error()}
		}
		run.updater.IgnoreFilter = map[fieldpath.APIVersion]fieldpath.Filter{"v1": fieldpath.NewExcludeSetFilter(set)}
	}
	var results []result
	for _, one := range asked.Steps {
		results = append(results, run.do(one))
	}
	return answer{Steps: results}
}

type parser func(object any, opts ...typed.ValidationOptions) (*typed.TypedValue, error)

func parserOf(one *spec.Schema) (parser, error) {
	if one == nil {
		return func(object any, opts ...typed.ValidationOptions) (*typed.TypedValue, error) {
			return typed.DeducedParseableType.FromUnstructured(object, opts...)
		}, nil
	}
	made, err := schemaconv.ToSchemaFromOpenAPI(map[string]*spec.Schema{"root": one}, false)
	if err != nil {
		return nil, err
	}
	types := &schema.Schema{Types: made.Types}
	root := "root"
	return func(object any, opts ...typed.ValidationOptions) (*typed.TypedValue, error) {
		return typed.AsTyped(value.NewValueInterface(object), types, schema.TypeRef{NamedType: &root}, opts...)
	}, nil
}

var builtins managedfields.TypeConverter = applyconfigurations.NewTypeConverter(scheme.Scheme)

func builtin(object any, opts ...typed.ValidationOptions) (*typed.TypedValue, error) {
	return builtins.ObjectToTyped(&unstructured.Unstructured{Object: object.(map[string]any)}, opts...)
}

// All versions are alike; that version which is called gone is not known.
type converter struct{}

var errGone = errors.New("gone")

func (converter) Convert(object *typed.TypedValue, version fieldpath.APIVersion) (*typed.TypedValue, error) {
	if version == "gone" {
		return nil, errGone
	}
	return object, nil
}

func (converter) IsMissingVersionError(err error) bool { return err == errGone }

type sequence struct {
	types    []parser
	builtin  bool
	current  int
	updater  merge.Updater
	live     any
	managers fieldpath.ManagedFields
}

func (s *sequence) do(one step) (out result) {
	defer func() {
		if p := recover(); p != nil {
			out = s.result()
			out.Error = fmt.Sprintf("panic: %v", p)
		}
	}()
	conflicts, err := s.try(one)
	out = s.result()
	out.Conflicts = conflicts
	if err != nil {
		out.Error = err.Error()
	}
	return out
}

func (s *sequence) try(one step) ([]conflict, error) {
	if one.Op == "type" {
		s.current = one.Type
		return nil, nil
	}
	var object any
	if err := kjson.Unmarshal(one.Object, &object); err != nil {
		return nil, err
	}
	parse := s.types[s.current]
	managers := fieldpath.ManagedFields{}
	for name, set := range s.managers {
		managers[name] = set
	}
	if before, ok := s.live.(map[string]any); ok && s.builtin && before["kind"] == nil {
		// The first object of a built-in kind says which.
		given := object.(map[string]any)
		s.live = map[string]any{"apiVersion": given["apiVersion"], "kind": given["kind"]}
	}
	live, err := parse(s.live, typed.AllowDuplicates)
	if err != nil {
		return nil, fmt.Errorf("live: %w", err)
	}
	version := fieldpath.APIVersion(one.Version)
	if one.Op == "update" {
		next, err := parse(object, typed.AllowDuplicates)
		if err != nil {
			return nil, err
		}
		next, managers, err = s.updater.Update(live, next, version, managers, one.Manager)
		if err != nil {
			return nil, err
		}
		return nil, s.keep(next, managers)
	}
	intent, err := parse(object)
	if err != nil {
		return nil, err
	}
	next, managers, err := s.updater.Apply(live, intent, version, managers, one.Manager, one.Force)
	var found merge.Conflicts
	if errors.As(err, &found) {
		return conflictsOf(found), nil
	}
	if err != nil {
		return nil, err
	}
	return nil, s.keep(next, managers)
}

// The sets go through JSON, as they do between two requests.
func (s *sequence) keep(next *typed.TypedValue, managers fieldpath.ManagedFields) error {
	if next != nil {
		// A copy: the library shares parts of objects.
		text, err := json.Marshal(next.AsValue().Unstructured())
		if err != nil {
			return err
		}
		var object any
		if err := kjson.Unmarshal(text, &object); err != nil {
			return err
		}
		s.live = object
	}
	s.managers = fieldpath.ManagedFields{}
	for name, owned := range managers {
		text, err := owned.Set().ToJSON()
		if err != nil {
			return err
		}
		set := fieldpath.NewSet()
		if err := set.FromJSON(strings.NewReader(string(text))); err != nil {
			return err
		}
		s.managers[name] = fieldpath.NewVersionedSet(set, owned.APIVersion(), owned.Applied())
	}
	return nil
}

func (s *sequence) result() result {
	managers := map[string]manager{}
	for name, owned := range s.managers {
		text, err := owned.Set().ToJSON()
		if err != nil {
			panic(err)
		}
		managers[name] = manager{Version: string(owned.APIVersion()), Applied: owned.Applied(), Fields: text}
	}
	return result{Object: s.live, Managers: managers}
}

func conflictsOf(found merge.Conflicts) []conflict {
	var conflicts []conflict
	for _, one := range found {
		conflicts = append(conflicts, conflict{Manager: one.Manager, Path: one.Path.String()})
	}
	// The managers come in any order, the paths of one of them do not.
	sort.SliceStable(conflicts, func(i, j int) bool { return conflicts[i].Manager < conflicts[j].Manager })
	return conflicts
}

func sets(given []json.RawMessage) answer {
	read := make([]*fieldpath.Set, len(given))
	for i, text := range given {
		read[i] = fieldpath.NewSet()
		if err := read[i].FromJSON(strings.NewReader(string(text))); err != nil {
			return answer{Error: err.Error()}
		}
	}
	a, b := read[0], read[1]
	out := map[string]string{"text": a.String(), "leaves": text(a.Leaves()), "a": text(a)}
	out["union"] = text(a.Union(b))
	out["intersection"] = text(a.Intersection(b))
	out["difference"] = text(a.Difference(b))
	out["recursiveDifference"] = text(a.RecursiveDifference(b))
	any := fieldpath.MatchAnyPathElement()
	out["include"] = text(fieldpath.NewIncludeMatcherFilter(
		fieldpath.MakePrefixMatcherOrDie("a", any, "b"),
		fieldpath.MakePrefixMatcherOrDie("a", "c"),
		fieldpath.MakePrefixMatcherOrDie("b", any),
		fieldpath.MakePrefixMatcherOrDie("b", "a"),
	).Filter(a))
	return answer{Sets: out}
}

func text(set *fieldpath.Set) string {
	text, err := set.ToJSON()
	if err != nil {
		panic(err)
	}
	return string(text)
}
