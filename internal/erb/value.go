package erb

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// The values are nil, bool, int, string, and these. Strings do not change; lists and hashes do.
type (
	symbol string
	// decimal is a number with a decimal point, as Ruby writes it. It can only be written.
	decimal string
	list    struct{ items []any }
	// span is a range.
	span struct {
		from, to any
		short    bool // without its end: a...b
	}
	// module is a class or module, known by its name.
	module string
	uri    struct{ *url.URL }
	regex  struct{ compiled *regexp.Regexp }
	// exception is what a template raises and rescues.
	exception struct{ class, message string }
)

// shown is the exception in messages.
func (x *exception) shown() string {
	if x.class == "RuntimeError" {
		return x.message
	}
	return strings.TrimSuffix(x.class+": "+x.message, ": ")
}

func truthy(v any) bool {
	b, isBool := v.(bool)
	return v != nil && (!isBool || b)
}

func nth(all []any, i int) any {
	if i < 0 || i >= len(all) {
		return nil
	}
	return all[i]
}

// spread is a value as a list of values.
func spread(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case *list:
		return v.items
	case *hash:
		return v.pairs()
	}
	return []any{v}
}

func className(v any) string {
	switch v := v.(type) {
	case nil:
		return "NilClass"
	case bool:
		return map[bool]string{true: "TrueClass", false: "FalseClass"}[v]
	case int:
		return "Integer"
	case decimal:
		return "Float"
	case string:
		return "String"
	case symbol:
		return "Symbol"
	case *list:
		return "Array"
	case *hash:
		return "Hash"
	case *span:
		return "Range"
	case *regex:
		return "Regexp"
	case *uri:
		return "URI"
	case *exception:
		return v.class
	}
	return "Module"
}

// text is what an output tag and #{} write for a value.
func (in *interp) text(v any, at int) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case symbol:
		return string(v)
	case *exception:
		return v.message
	case module:
		return string(v)
	case *uri:
		return v.String()
	}
	return in.inspect(v, at)
}

// inspect is a value as code: a list is also one of YAML.
func (in *interp) inspect(v any, at int) string {
	return (&valueWriter{in: in, at: at, null: "nil", comma: ", ", quote: quote}).all(v)
}

// json is a value as JSON, with < and & as they are.
func (in *interp) json(v any, at int) string {
	return (&valueWriter{in: in, at: at, null: "null", comma: ",", quote: jsonText, json: true}).all(v)
}

// valueWriter writes values as code or as JSON.
type valueWriter struct {
	strings.Builder
	in          *interp
	at          int
	null, comma string
	quote       func(string) string
	json        bool
}

func (w *valueWriter) all(v any) string {
	w.write(v, 0)
	return w.String()
}

func (w *valueWriter) write(v any, depth int) {
	w.in.step(w.at)
	if depth > maxNesting || w.Len() > maxText {
		limit(w.at, "this value is too large to be written")
	}
	switch v := v.(type) {
	case nil:
		w.WriteString(w.null)
	case bool, int, decimal:
		fmt.Fprint(w, v)
	case string:
		w.WriteString(w.quote(v))
	case *list:
		w.items("[]", len(v.items), func(i int) { w.write(v.items[i], depth+1) })
	case symbol:
		w.onlyJSON(v)
		w.WriteString(w.quote(string(v)))
	case *hash:
		w.onlyJSON(v)
		w.items("{}", len(v.keys), func(i int) {
			w.WriteString(w.quote(w.in.text(v.keys[i], w.at)) + ":")
			w.write(v.values[v.keys[i]], depth+1)
		})
	default:
		w.unsupported(v)
	}
}

// onlyJSON fails for values whose form in code depends on the version of Ruby or on quoting.
func (w *valueWriter) onlyJSON(v any) {
	if !w.json {
		w.unsupported(v)
	}
}

func (w *valueWriter) unsupported(v any) {
	unsupported(w.at, "", "%s as text is not supported", className(v))
}

func (w *valueWriter) items(brackets string, n int, write func(i int)) {
	w.WriteString(brackets[:1])
	for i := range n {
		if i > 0 {
			w.WriteString(w.comma)
		}
		write(i)
	}
	w.WriteString(brackets[1:])
}

var escaper = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`, "\r", `\r`, "\x1b", `\e`, "\x00", `\0`, "#{", `\#{`, "#$", `\#$`, "#@", `\#@`)

func quote(s string) string { return `"` + escaper.Replace(s) + `"` }

func jsonText(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // of a string, into memory
	return strings.TrimSuffix(b.String(), "\n")
}

// equal is ==.
func (in *interp) equal(at int, a, b any) bool {
	in.step(at)
	x, isList := a.(*list)
	y, areLists := b.(*list)
	if isList && areLists {
		return slices.EqualFunc(x.items, y.items, func(a, b any) bool { return in.equal(at, a, b) })
	}
	for _, v := range []any{a, b} {
		switch v.(type) {
		case *hash, *uri, *regex, *span, *exception, decimal:
			unsupported(at, "", "comparing %s is not supported", className(v))
		}
	}
	return a == b
}

// compare is <=>; ok is false for what cannot be compared.
func compare(a, b any) (order int, ok bool) {
	switch x := a.(type) {
	case string:
		y, ok := b.(string)
		return strings.Compare(x, y), ok
	case int:
		y, ok := b.(int)
		return cmp.Compare(x, y), ok
	}
	return 0, false
}

// parents are the classes of exceptions, each with what it is a kind of.
var parents = map[string]string{
	"Exception": "", "StandardError": "Exception", "SystemExit": "Exception", "LoadError": "ScriptError", "ScriptError": "Exception",
	"ArgumentError": "StandardError", "IndexError": "StandardError", "KeyError": "IndexError", "NameError": "StandardError",
	"NoMethodError": "NameError", "RuntimeError": "StandardError", "TypeError": "StandardError", "ZeroDivisionError": "StandardError",
	"SystemCallError": "StandardError", "Errno::ENOENT": "SystemCallError", "Errno::EACCES": "SystemCallError", "Errno::EISDIR": "SystemCallError",
	"URI::InvalidURIError": "StandardError", "Dotenv::FormatError": "StandardError",
}

// isKind reports whether a class is another one, or descends from it.
func isKind(class, of string) bool {
	for class != of {
		parent, found := parents[class]
		if !found {
			return false
		}
		class = parent
	}
	return true
}
