package eventjson

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// object is a part of a JSON Schema.
type object = map[string]any

// Schema returns the JSON Schema of a line, indented. It has exactly the types and fields of this version of mrsk.
func Schema() []byte {
	var forms []object
	for _, d := range described {
		fields := append(fieldsOf(reflect.TypeFor[head]()), fieldsOf(reflect.TypeOf(d.body))...)
		s := structSchema(fields)
		s["title"], s["description"] = d.name, d.when
		s["properties"].(object)["type"].(object)["const"] = d.name
		s["properties"].(object)["version"].(object)["const"] = Version
		forms = append(forms, s)
	}
	out, err := json.MarshalIndent(object{
		"$schema": "https://json-schema.org/draft/2020-12/schema",
		"title":   "An event of mrsk, one line of --json",
		"oneOf":   forms,
	}, "", "  ")
	if err != nil {
		panic("eventjson: " + err.Error()) // of maps of strings
	}
	return append(out, '\n')
}

// field is a field of a form.
type field struct {
	name, doc string
	kind      reflect.Type
}

func fieldsOf(t reflect.Type) []field {
	var all []field
	for f := range t.Fields() {
		all = append(all, field{f.Tag.Get("json"), f.Tag.Get("doc"), f.Type})
	}
	return all
}

func structSchema(fields []field) object {
	properties := object{}
	var required []string
	for _, f := range fields {
		s := typeSchema(f.kind)
		s["description"] = f.doc
		properties[f.name] = s
		required = append(required, f.name)
	}
	return object{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
}

func typeSchema(t reflect.Type) object {
	switch t.Kind() {
	case reflect.String:
		return object{"type": "string"}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return object{"type": "integer"}
	case reflect.Float64:
		return object{"type": "number"}
	case reflect.Slice:
		return object{"type": "array", "items": typeSchema(t.Elem())}
	case reflect.Struct:
		return structSchema(fieldsOf(t))
	}
	panic("eventjson: no schema for " + t.String())
}

// Reference returns the description of all types and fields as a part of a Markdown page.
func Reference() string {
	var out strings.Builder
	table := func(fields []field) {
		out.WriteString("| field | type | meaning |\n|---|---|---|\n")
		for _, f := range fields {
			fmt.Fprintf(&out, "| `%s` | %s | %s |\n", f.name, kindName(f.kind), f.doc)
		}
	}
	out.WriteString("Every event has:\n\n")
	table(fieldsOf(reflect.TypeFor[head]()))
	for _, d := range described {
		fmt.Fprintf(&out, "\n### %s\n\n%s.\n\n", d.name, strings.ToUpper(d.when[:1])+d.when[1:])
		table(fieldsOf(reflect.TypeOf(d.body)))
	}
	out.WriteString("\nEach item of `before` has:\n\n")
	table(fieldsOf(reflect.TypeFor[running]()))
	return out.String()
}

func kindName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Struct {
			return "list of objects"
		}
		return "list of strings"
	case reflect.Bool:
		return "boolean"
	case reflect.String:
		return "string"
	}
	return "number"
}
