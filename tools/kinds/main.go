// Command kinds prints, as JSON, the struct types of the published Kubernetes API definitions:
// fields with their tags, comment markers and documentation. scripts/generate.ts makes tables and
// TypeScript interfaces of it. It parses sources only; nothing of Kubernetes is compiled.
package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"sort"
	"strconv"
	"strings"
)

// packages maps the name of a table to the Go package that defines it.
var packages = map[string]string{
	"core/v1":                         "k8s.io/api/core/v1",
	"apps/v1":                         "k8s.io/api/apps/v1",
	"batch/v1":                        "k8s.io/api/batch/v1",
	"rbac.authorization.k8s.io/v1":    "k8s.io/api/rbac/v1",
	"coordination.k8s.io/v1":          "k8s.io/api/coordination/v1",
	"events.k8s.io/v1":                "k8s.io/api/events/v1",
	"apiextensions.k8s.io/v1":         "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1",
	"admissionregistration.k8s.io/v1": "k8s.io/api/admissionregistration/v1",
	"networking.k8s.io/v1":            "k8s.io/api/networking/v1",
	"autoscaling/v1":                  "k8s.io/api/autoscaling/v1",
	"autoscaling/v2":                  "k8s.io/api/autoscaling/v2",
	"policy/v1":                       "k8s.io/api/policy/v1",
	"storage.k8s.io/v1":               "k8s.io/api/storage/v1",
	"discovery.k8s.io/v1":             "k8s.io/api/discovery/v1",
	"authentication.k8s.io/v1":        "k8s.io/api/authentication/v1",
	"authorization.k8s.io/v1":         "k8s.io/api/authorization/v1",
	"scheduling.k8s.io/v1":            "k8s.io/api/scheduling/v1",
	"node.k8s.io/v1":                  "k8s.io/api/node/v1",
	"certificates.k8s.io/v1":          "k8s.io/api/certificates/v1",
	"flowcontrol.apiserver.k8s.io/v1": "k8s.io/api/flowcontrol/v1",
	"resource.k8s.io/v1":              "k8s.io/api/resource/v1",
	"apiregistration.k8s.io/v1":       "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1",
	"meta/v1":                         "k8s.io/apimachinery/pkg/apis/meta/v1",
}

// documented are the packages of types with an encoding of their own: only their documentation is of use.
var documented = []string{
	"k8s.io/apimachinery/pkg/api/resource",
	"k8s.io/apimachinery/pkg/runtime",
	"k8s.io/apimachinery/pkg/util/intstr",
}

// Field is one member of a struct; JSON is empty for an inlined struct.
type Field struct {
	GoName        string              `json:"goName"`
	JSON          string              `json:"json"`
	Type          string              `json:"type"`
	Inline        bool                `json:"inline,omitempty"`
	OmitEmpty     bool                `json:"omitEmpty,omitempty"`
	OmitZero      bool                `json:"omitZero,omitempty"`
	Number        int                 `json:"number,omitempty"`
	PatchStrategy string              `json:"patchStrategy,omitempty"`
	PatchMergeKey string              `json:"patchMergeKey,omitempty"`
	Markers       map[string][]string `json:"markers,omitempty"`
	Doc           string              `json:"doc,omitempty"`
}

// Type is a struct, or a named type over another (Underlying) with the constants declared of it.
type Type struct {
	Name       string              `json:"name"`
	Underlying string              `json:"underlying,omitempty"`
	Constants  []Constant          `json:"constants,omitempty"`
	Fields     []Field             `json:"fields,omitempty"`
	Markers    map[string][]string `json:"markers,omitempty"`
	Doc        string              `json:"doc,omitempty"`
	Struct     bool                `json:"struct"`
}

// Constant is one value of a named string. SameAs names the constant of another package that it repeats.
type Constant struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	SameAs string `json:"sameAs,omitempty"`
	Doc    string `json:"doc,omitempty"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	directories := map[string]string{}
	out := map[string][]Type{}
	paths := maps.Clone(packages)
	for _, path := range documented {
		paths[path] = path
	}
	for name, path := range paths {
		module := moduleOf(path)
		if directories[module] == "" {
			directory, err := download(module)
			if err != nil {
				return err
			}
			directories[module] = directory
		}
		types, err := read(filepath.Join(directories[module], strings.TrimPrefix(path, module)))
		if err != nil {
			return err
		}
		out[name] = types
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(out)
}

func moduleOf(path string) string {
	return strings.Join(strings.SplitN(path, "/", 3)[:2], "/")
}

// download makes sure of a module at the version that go.mod pins, and says where it is.
func download(module string) (string, error) {
	command := exec.Command("go", "mod", "download", "-json", module)
	command.Stderr = os.Stderr
	output, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("downloading %s: %w", module, err)
	}
	var answer struct{ Dir string }
	if err := json.Unmarshal(output, &answer); err != nil {
		return "", err
	}
	return answer.Dir, nil
}

func read(directory string) ([]Type, error) {
	names, err := filepath.Glob(filepath.Join(directory, "*.go"))
	if err != nil {
		return nil, err
	}
	byName := map[string]*Type{}
	constants := map[string][]Constant{}
	for _, name := range names {
		base := filepath.Base(name)
		if strings.HasPrefix(base, "zz_generated") || strings.HasPrefix(base, "generated") || strings.HasSuffix(base, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		readFile(file, byName, constants)
	}
	var types []Type
	for name, found := range byName {
		found.Constants = constants[name]
		types = append(types, *found)
	}
	sort.Slice(types, func(i, j int) bool { return types[i].Name < types[j].Name })
	return types, nil
}

func readFile(file *ast.File, types map[string]*Type, constants map[string][]Constant) {
	imports := importsOf(file)
	for _, declaration := range file.Decls {
		general, ok := declaration.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range general.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				doc := spec.Doc
				if doc == nil {
					doc = general.Doc
				}
				found := readType(file, spec, doc, imports)
				types[found.Name] = &found
			case *ast.ValueSpec:
				doc := spec.Doc
				if doc == nil && !general.Lparen.IsValid() {
					doc = general.Doc
				}
				if general.Tok == token.CONST && len(spec.Values) == 1 {
					if name, found := readConstant(spec, imports); name != "" {
						found.Doc = strings.Join(strings.Fields(doc.Text()), " ")
						constants[name] = append(constants[name], found)
					}
				}
			}
		}
	}
}

// readConstant understands `A T = "a"`, `A = T("a")` and `A = T(package.B)`, and answers with T.
func readConstant(spec *ast.ValueSpec, imports map[string]string) (string, Constant) {
	found := Constant{Name: spec.Names[0].Name}
	kind, value := spec.Type, spec.Values[0]
	if call, ok := value.(*ast.CallExpr); ok && kind == nil && len(call.Args) == 1 {
		kind, value = call.Fun, call.Args[0]
	}
	name, ok := kind.(*ast.Ident)
	if !ok {
		return "", found
	}
	switch value := value.(type) {
	case *ast.BasicLit:
		if value.Kind != token.STRING {
			return "", found
		}
		found.Value, _ = strconv.Unquote(value.Value)
	case *ast.SelectorExpr:
		found.SameAs = typeText(value, imports)
	default:
		return "", found
	}
	return name.Name, found
}

func importsOf(file *ast.File) map[string]string {
	imports := map[string]string{}
	for _, spec := range file.Imports {
		path, _ := strconv.Unquote(spec.Path.Value)
		name := filepath.Base(path)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		imports[name] = path
		for table, of := range packages {
			if of == path {
				imports[name] = table
			}
		}
	}
	return imports
}

func readType(file *ast.File, spec *ast.TypeSpec, doc *ast.CommentGroup, imports map[string]string) Type {
	text, markers := split(doc, before(file, doc, spec.Pos()))
	found := Type{Name: spec.Name.Name, Doc: text, Markers: markers}
	structure, ok := spec.Type.(*ast.StructType)
	if !ok {
		found.Underlying = typeText(spec.Type, imports)
		return found
	}
	found.Struct = true
	for _, field := range structure.Fields.List {
		found.Fields = append(found.Fields, readField(file, field, imports)...)
	}
	return found
}

// before finds the comment group that ends just above a documentation comment: markers often stand there.
func before(file *ast.File, doc *ast.CommentGroup, position token.Pos) *ast.CommentGroup {
	end := position
	if doc != nil {
		end = doc.Pos()
	}
	for _, group := range file.Comments {
		if group.End() < end && end-group.End() <= 3 {
			return group
		}
	}
	return nil
}

func readField(file *ast.File, field *ast.Field, imports map[string]string) []Field {
	var tag reflect.StructTag
	if field.Tag != nil {
		text, _ := strconv.Unquote(field.Tag.Value)
		tag = reflect.StructTag(text)
	}
	parts := strings.Split(tag.Get("json"), ",")
	doc, markers := split(field.Doc, nil)
	one := Field{
		JSON:          parts[0],
		Type:          typeText(field.Type, imports),
		PatchStrategy: tag.Get("patchStrategy"),
		PatchMergeKey: tag.Get("patchMergeKey"),
		Markers:       markers,
		Doc:           doc,
	}
	for _, option := range parts[1:] {
		switch option {
		case "omitempty":
			one.OmitEmpty = true
		case "omitzero":
			one.OmitZero = true
		case "inline":
			one.Inline = true
		}
	}
	if protobuf := strings.Split(tag.Get("protobuf"), ","); len(protobuf) > 1 {
		one.Number, _ = strconv.Atoi(protobuf[1])
	}
	if len(field.Names) == 0 {
		one.GoName = one.Type
		one.Inline = one.Inline || one.JSON == ""
		return []Field{one}
	}
	var all []Field
	for _, name := range field.Names {
		if name.IsExported() && one.JSON != "-" {
			one.GoName = name.Name
			all = append(all, one)
		}
	}
	return all
}

// typeText writes a Go type with packages replaced by table names: `[]core/v1.Container`.
func typeText(expression ast.Expr, imports map[string]string) string {
	switch t := expression.(type) {
	case *ast.Ident:
		return t.Name
	case *ast.StarExpr:
		return "*" + typeText(t.X, imports)
	case *ast.ArrayType:
		return "[]" + typeText(t.Elt, imports)
	case *ast.MapType:
		return "map[" + typeText(t.Key, imports) + "]" + typeText(t.Value, imports)
	case *ast.SelectorExpr:
		return imports[t.X.(*ast.Ident).Name] + "." + t.Sel.Name
	default:
		return fmt.Sprintf("%T", expression)
	}
}

var marker = regexp.MustCompile(`^\s*\+([A-Za-z0-9:_-]+)(.*)$`)

// split parts a comment into its prose and its `+name=value` markers.
func split(groups ...*ast.CommentGroup) (string, map[string][]string) {
	markers := map[string][]string{}
	var prose []string
	for position, group := range groups {
		if group == nil {
			continue
		}
		for _, line := range strings.Split(group.Text()+raw(group), "\n") {
			if found := marker.FindStringSubmatch(line); found != nil {
				value := strings.TrimPrefix(found[2], "=")
				markers[found[1]] = appendNew(markers[found[1]], value)
			} else if position == 0 {
				prose = append(prose, line)
			}
		}
	}
	text := strings.TrimSpace(strings.Join(prose, "\n"))
	if cut := strings.Index(text, "\n---"); cut >= 0 {
		text = strings.TrimSpace(text[:cut])
	}
	return text, markers
}

func appendNew(list []string, value string) []string {
	for _, present := range list {
		if present == value {
			return list
		}
	}
	return append(list, value)
}

// raw gives the lines that CommentGroup.Text takes for directives and drops: `//+marker` without a blank.
func raw(group *ast.CommentGroup) string {
	var lines []string
	for _, comment := range group.List {
		if strings.HasPrefix(comment.Text, "//+") {
			lines = append(lines, strings.TrimPrefix(comment.Text, "//"))
		}
	}
	if len(lines) == 0 {
		return ""
	}
	return "\n" + strings.Join(lines, "\n")
}
