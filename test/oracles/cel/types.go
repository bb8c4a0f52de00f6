package main

import "github.com/google/cel-go/common/types"

type typeJSON struct {
	Kind       string      `json:"kind"`
	Name       string      `json:"name"`
	Parameters []*typeJSON `json:"parameters"`
	Nullable   bool        `json:"nullable"`
}

var simpleTypes = map[string]*types.Type{
	"any": types.AnyType, "bool": types.BoolType, "bytes": types.BytesType, "double": types.DoubleType,
	"duration": types.DurationType, "dyn": types.DynType, "error": types.ErrorType, "int": types.IntType,
	"null": types.NullType, "string": types.StringType, "timestamp": types.TimestampType, "uint": types.UintType,
}

func (t *typeJSON) toType() *types.Type {
	parameters := make([]*types.Type, len(t.Parameters))
	for i, parameter := range t.Parameters {
		parameters[i] = parameter.toType()
	}
	if simple := simpleTypes[t.Kind]; simple != nil {
		if t.Nullable {
			return types.NewNullableType(simple)
		}
		return simple
	}
	switch t.Kind {
	case "list":
		return types.NewListType(parameters[0])
	case "map":
		return types.NewMapType(parameters[0], parameters[1])
	case "type":
		if len(parameters) == 0 {
			return types.TypeType
		}
		return types.NewTypeTypeWithParam(parameters[0])
	case "opaque":
		return types.NewOpaqueType(t.Name, parameters...)
	case "typeParam":
		return types.NewTypeParamType(t.Name)
	}
	return types.NewObjectType(t.Name)
}

// provider adds struct types to those of another provider.
type provider struct {
	types.Provider
	types map[string]map[string]typeJSON
}

func (p *provider) FindStructType(name string) (*types.Type, bool) {
	if _, found := p.types[name]; found {
		return types.NewTypeTypeWithParam(types.NewObjectType(name)), true
	}
	return p.Provider.FindStructType(name)
}

func (p *provider) FindStructFieldNames(name string) ([]string, bool) {
	fields, found := p.types[name]
	if !found {
		return p.Provider.FindStructFieldNames(name)
	}
	names := make([]string, 0, len(fields))
	for field := range fields {
		names = append(names, field)
	}
	return names, true
}

func (p *provider) FindStructFieldType(name, field string) (*types.FieldType, bool) {
	fields, found := p.types[name]
	if !found {
		return p.Provider.FindStructFieldType(name, field)
	}
	t, found := fields[field]
	if !found {
		return nil, false
	}
	return &types.FieldType{Type: t.toType()}, true
}
