package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
)

// dump writes a tree with its ids: kind#id(parts).
func dump(e ast.Expr) string {
	head := func(kind string, parts ...string) string {
		return fmt.Sprintf("%s#%d(%s)", kind, e.ID(), strings.Join(parts, " "))
	}
	switch e.Kind() {
	case ast.LiteralKind:
		return head("literal", literal(e.AsLiteral()))
	case ast.IdentKind:
		return head("ident", e.AsIdent())
	case ast.SelectKind:
		kind := "select"
		if e.AsSelect().IsTestOnly() {
			kind = "test"
		}
		return head(kind, dump(e.AsSelect().Operand()), e.AsSelect().FieldName())
	case ast.CallKind:
		parts := []string{e.AsCall().FunctionName()}
		if e.AsCall().IsMemberFunction() {
			parts = append(parts, "target", dump(e.AsCall().Target()))
		}
		for _, arg := range e.AsCall().Args() {
			parts = append(parts, dump(arg))
		}
		return head("call", parts...)
	case ast.ListKind:
		parts := []string{}
		for i, element := range e.AsList().Elements() {
			if e.AsList().IsOptional(int32(i)) {
				parts = append(parts, "?")
			}
			parts = append(parts, dump(element))
		}
		return head("list", parts...)
	case ast.MapKind:
		parts := []string{}
		for _, entry := range e.AsMap().Entries() {
			m := entry.AsMapEntry()
			parts = append(parts, fmt.Sprintf("%d:%v", entry.ID(), m.IsOptional()), dump(m.Key()), dump(m.Value()))
		}
		return head("map", parts...)
	case ast.StructKind:
		parts := []string{e.AsStruct().TypeName()}
		for _, entry := range e.AsStruct().Fields() {
			f := entry.AsStructField()
			parts = append(parts, fmt.Sprintf("%d:%v:%s", entry.ID(), f.IsOptional(), f.Name()), dump(f.Value()))
		}
		return head("struct", parts...)
	case ast.ComprehensionKind:
		c := e.AsComprehension()
		return head("fold", c.IterVar(), c.IterVar2(), c.AccuVar(), dump(c.IterRange()), dump(c.AccuInit()),
			dump(c.LoopCondition()), dump(c.LoopStep()), dump(c.Result()))
	}
	return head("unspecified")
}

func literal(value ref.Val) string {
	switch v := value.(type) {
	case types.Double:
		return "double:" + strconv.FormatUint(math.Float64bits(float64(v)), 16)
	case types.Bytes:
		return fmt.Sprintf("bytes:%x", []byte(v))
	case types.String:
		return fmt.Sprintf("string:%x", string(v))
	case types.Null:
		return "null"
	case types.Int:
		return fmt.Sprintf("int:%d", int64(v))
	case types.Uint:
		return fmt.Sprintf("uint:%d", uint64(v))
	}
	return fmt.Sprintf("bool:%v", value.Value())
}
