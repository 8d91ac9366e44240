package config

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// node is a JSON Schema.
type node map[string]any

// Schema returns a JSON Schema, draft 7, of config/deploy.yml and of the files of destinations, as indented JSON.
// It comes from the tables that read the keys. Editors complete and check the file with it. It is more lenient than
// Load: it knows keys and types, and not which values go together.
func Schema() string {
	definitions := node{"host": hostNode, "filled": filledNode}
	for _, s := range sections() {
		if s.path() != "" {
			definitions[s.path()] = s.schema()
		}
	}
	definitions[machineSection.name] = machineSection.schema()
	root := rootSection.schema()
	root["$schema"] = "http://json-schema.org/draft-07/schema#"
	root["title"] = "mrsk config/deploy.yml"
	root["patternProperties"] = node{"^x-": true}
	root["definitions"] = definitions
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(root); err != nil {
		panic(err) // a map of strings cannot fail
	}
	return b.String()
}

// schema returns the schema of a section: its keys and no others.
func (s section[T]) schema() node {
	properties := node{}
	for _, f := range s.fields {
		about := f.doc
		if text := s.defaultOf(f); text != "" {
			about += " Default: " + text + "."
		}
		n := shape(s.pathOf(f), f.kind)
		n["description"] = about
		properties[f.key] = n
	}
	return node{"type": "object", "description": strings.ReplaceAll(s.doc, "\n", " "), "properties": properties, "additionalProperties": false}
}

// Forms that several keys have.
var (
	textNode  = node{"type": []string{"string", "number", "boolean"}}
	emptyText = node{"type": []string{"string", "number", "boolean", "null"}}
	nullNode  = node{"type": "null"}
	// filledNode is text that is a number or a boolean when the file is loaded, or a boolean of YAML 1.1.
	filledNode = node{"type": "string", "pattern": `\$\{env:|<%|^([Yy]es|YES|[Nn]o|NO|[Oo]n|ON|[Oo]ff|OFF)$`}
	hostNode   = anyOf(textNode, object(anyOf(textNode, list(textNode))))
)

// kinds are the words for types in the tables. What hash means depends on the key, see hashOf.
var kinds = map[string]node{
	"string":              emptyText,
	"integer":             anyOf(node{"type": "integer"}, pointer("filled")),
	"boolean":             anyOf(node{"type": "boolean"}, pointer("filled")),
	"array of strings":    list(textNode),
	"array of one string": list(textNode),
	"hash of strings":     object(emptyText),
}

// shapes are the keys whose form the words for types do not tell.
var shapes = map[string][]node{
	"servers":                        {list(pointer("host")), object(anyOf(list(pointer("host")), pointer("servers/<role>"), nullNode))},
	"servers/<role>/hosts":           {list(pointer("host"))},
	"env/tags":                       {object(envNode())},
	"accessories":                    {object(pointer("accessories/<name>"))},
	"accessories/<name>/files":       {list(anyOf(textNode, pointer("accessories/<name>/files"))), nullNode},
	"accessories/<name>/directories": {list(anyOf(textNode, pointer("accessories/<name>/files"))), nullNode},
	"builder/args":                   {node{"type": "object"}},
	"builder/remote":                 {textNode, pointer("builder/remote")},
	"builder/local":                  {node{"type": "boolean"}, pointer("filled"), pointer("builder/remote")},
}

// shape returns the schema of a key by the words for its type.
func shape(path, kind string) node {
	if forms, special := shapes[path]; special {
		return anyOf(forms...)
	}
	var forms []node
	for word := range strings.SplitSeq(strings.ReplaceAll(kind, " or ", ", "), ", ") {
		if form, simple := kinds[word]; simple {
			forms = append(forms, form)
		} else {
			forms = append(forms, hashOf(path))
		}
	}
	return anyOf(forms...)
}

// hashOf returns the schema of a hash: that of the section of the same path, else that of the section of the root
// with the same name, else that of any hash.
func hashOf(path string) node {
	key := path[strings.LastIndexByte(path, '/')+1:]
	if key == "env" {
		return envNode()
	}
	for _, name := range []string{path, key} {
		if slices.ContainsFunc(sections(), func(s documented) bool { return s.path() == name }) {
			return pointer(name)
		}
	}
	return node{"type": "object"}
}

// envNode is an environment in either of its forms.
func envNode() node { return anyOf(pointer("env"), kinds["hash of strings"]) }

func pointer(name string) node {
	return node{"$ref": "#/definitions/" + strings.NewReplacer("~", "~0", "/", "~1", "<", "%3C", ">", "%3E").Replace(name)}
}

func list(of node) node   { return node{"type": "array", "items": of} }
func object(of node) node { return node{"type": "object", "additionalProperties": of} }

// anyOf returns a new node, to which callers can add a description.
func anyOf(forms ...node) node {
	if _, isPointer := forms[0]["$ref"]; len(forms) == 1 && !isPointer {
		return maps.Clone(forms[0])
	}
	return node{"anyOf": forms}
}
