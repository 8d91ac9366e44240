package erb

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// dataFunctions are those of JSON and YAML.
func dataFunctions() methods {
	load := method{1, 2, func(c *call) any { return fromYAML(c, c.text(0)) }}
	loadFile := method{1, 2, func(c *call) any { return fromYAML(c, c.read()) }}
	m := methods{}
	m.alias(method{1, 2, func(c *call) any { return fromJSON(c, c.text(0)) }}, "JSON.parse", "JSON.load")
	m.alias(method{1, 2, func(c *call) any { return fromJSON(c, c.read()) }}, "JSON.load_file")
	m.alias(method{1, 1, func(c *call) any { return toJSON(c, c.args[0]) }}, "JSON.generate", "JSON.dump")
	for _, class := range []string{"YAML", "Psych"} {
		m.alias(load, class+".load", class+".safe_load", class+".unsafe_load")
		m.alias(loadFile, class+".load_file", class+".safe_load_file", class+".unsafe_load_file")
	}
	return m
}

func toJSON(c *call, v any) string {
	b := &jsonWriter{c: c}
	b.write(v, 0)
	return b.String()
}

type jsonWriter struct {
	strings.Builder
	c *call
}

func (w *jsonWriter) write(v any, depth int) {
	w.c.f.in.step(w.c.at)
	if depth > maxWritten || w.Len() > maxText {
		limit(w.c.at, "this value is too large to be written out")
	}
	switch v := v.(type) {
	case nil:
		w.WriteString("null")
	case bool, int, float64:
		w.WriteString(w.c.f.in.toText(v, w.c.at))
	case *array:
		w.list("[", "]", v.items, func(item any) { w.write(item, depth+1) })
	case *hash:
		w.list("{", "}", v.keys, func(key any) {
			w.text(w.c.f.in.toText(key, w.c.at))
			w.WriteByte(':')
			item, _ := v.get(key)
			w.write(item, depth+1)
		})
	default:
		w.text(w.c.f.in.toText(v, w.c.at))
	}
}

func (w *jsonWriter) list(open, close string, items []any, write func(any)) {
	w.WriteString(open)
	for i, item := range items {
		if i > 0 {
			w.WriteByte(',')
		}
		write(item)
	}
	w.WriteString(close)
}

// text is a text as JSON has it, with < and & left as they are.
func (w *jsonWriter) text(s string) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // of a text, into memory
	w.WriteString(strings.TrimSuffix(b.String(), "\n"))
}

// fromJSON keeps the order of keys, which json's own maps do not.
func fromJSON(c *call, text string) any {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	v, err := jsonValue(c, d, truthy(c.option("symbolize_names")), 0)
	if err == nil {
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("more follows")
		}
	}
	if err != nil {
		c.raise("JSON::ParserError", "the text is no JSON")
	}
	return v
}

func jsonValue(c *call, d *json.Decoder, symbols bool, depth int) (any, error) {
	if depth > maxWritten {
		return nil, errors.New("nested too deeply")
	}
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t := token.(type) {
	case json.Delim:
		if t == '[' {
			return jsonArray(c, d, symbols, depth)
		}
		return jsonHash(c, d, symbols, depth)
	case json.Number:
		if n, err := strconv.Atoi(t.String()); err == nil {
			return n, nil
		}
		return t.Float64()
	}
	return token, nil
}

func jsonArray(c *call, d *json.Decoder, symbols bool, depth int) (any, error) {
	out := &array{}
	for d.More() {
		v, err := jsonValue(c, d, symbols, depth+1)
		if err != nil {
			return nil, err
		}
		out.items = append(out.items, v)
		c.f.in.bounded(c.at, len(out.items))
	}
	_, err := d.Token()
	return out, err
}

func jsonHash(c *call, d *json.Decoder, symbols bool, depth int) (any, error) {
	out := newHash()
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		v, err := jsonValue(c, d, symbols, depth+1)
		if err != nil {
			return nil, err
		}
		if symbols {
			key = symbol(key.(string))
		}
		out.set(key, v)
	}
	_, err := d.Token()
	return out, err
}

// fromYAML is the value of a YAML document.
func fromYAML(c *call, text string) any {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		c.raise("Psych::SyntaxError", "the text is no YAML")
	}
	if len(doc.Content) == 0 {
		return false
	}
	r := yamlReader{c: c, symbols: truthy(c.option("symbolize_names"))}
	return r.value(doc.Content[0], 0)
}

type yamlReader struct {
	c       *call
	symbols bool
}

func (r yamlReader) value(n *yaml.Node, depth int) any {
	r.c.f.in.step(r.c.at)
	if depth > maxWritten {
		limit(r.c.at, "this YAML is nested too deeply")
	}
	switch n.Kind {
	case yaml.AliasNode:
		return r.value(n.Alias, depth+1)
	case yaml.SequenceNode:
		out := &array{}
		for _, item := range n.Content {
			out.items = append(out.items, r.value(item, depth+1))
		}
		return out
	case yaml.MappingNode:
		return r.hash(n, depth)
	}
	return r.scalar(n)
}

func (r yamlReader) hash(n *yaml.Node, depth int) any {
	out := newHash()
	for i := 0; i+1 < len(n.Content); i += 2 {
		v := r.value(n.Content[i+1], depth+1)
		if n.Content[i].Tag == "!!merge" {
			for _, from := range merged(v) {
				from.merge(out) // what is there already wins
				*out = *from
			}
			continue
		}
		key := r.value(n.Content[i], depth+1)
		if s, ok := key.(string); ok && r.symbols {
			key = symbol(s)
		}
		out.set(key, v)
	}
	return out
}

// merged are the hashes of a merge key, as copies.
func merged(v any) []*hash {
	if h, ok := v.(*hash); ok {
		return []*hash{h.copy()}
	}
	var all []*hash
	for _, item := range spread(v) {
		if h, ok := item.(*hash); ok {
			all = append(all, h.copy())
		}
	}
	return all
}

// scalar is the value of a text as YAML 1.1 types it.
func (r yamlReader) scalar(n *yaml.Node) any {
	switch n.Tag {
	case "!!null":
		return nil
	case "!!bool":
		return strings.EqualFold(n.Value, "true") || strings.EqualFold(n.Value, "yes") || strings.EqualFold(n.Value, "on")
	case "!!int":
		if i, err := strconv.ParseInt(n.Value, 0, 64); err == nil {
			return int(i)
		}
	case "!!float":
		if f, err := strconv.ParseFloat(strings.ReplaceAll(n.Value, "_", ""), 64); err == nil {
			return f
		}
	}
	if plain := n.Style == 0; plain && strings.HasPrefix(n.Value, ":") && len(n.Value) > 1 {
		return symbol(strings.Trim(n.Value[1:], `"'`))
	} else if is, found := map[string]bool{"yes": true, "Yes": true, "on": true, "no": false, "No": false, "off": false}[n.Value]; plain && found {
		return is
	}
	return n.Value
}
