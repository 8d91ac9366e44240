package erb

import (
	"cmp"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The values are nil, bool, int, float64, string, and these. Strings do not change; lists and
// hashes do.
type (
	symbol string
	list   struct{ items []any }
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
	case float64:
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
	case bool:
		w.WriteString(strconv.FormatBool(v))
	case int:
		w.WriteString(strconv.Itoa(v))
	case float64:
		w.float(v)
	case *list:
		w.items("[", "]", len(v.items), func(i int) { w.write(v.items[i], depth+1) })
	case *hash:
		w.items("{", "}", len(v.keys), func(i int) { w.pair(v, v.keys[i], depth) })
	case symbol:
		w.symbol(v)
	case string:
		w.WriteString(w.quote(v))
	default:
		unsupported(w.at, "", "%s as text is not supported", className(v))
	}
}

func (w *valueWriter) items(open, closing string, n int, write func(i int)) {
	w.WriteString(open)
	for i := range n {
		if i > 0 {
			w.WriteString(w.comma)
		}
		write(i)
	}
	w.WriteString(closing)
}

func (w *valueWriter) pair(h *hash, key any, depth int) {
	if !w.json {
		unsupported(w.at, "", "a hash as text is not supported")
	}
	v, _ := h.get(key)
	w.WriteString(w.quote(w.in.text(key, w.at)) + ":")
	w.write(v, depth+1)
}

func (w *valueWriter) symbol(s symbol) {
	if w.json {
		w.WriteString(w.quote(string(s)))
		return
	}
	if strings.ContainsFunc(string(s), func(r rune) bool { return r < utf8.RuneSelf && !isWord(byte(r)) }) {
		unsupported(w.at, "", "this symbol as text is not supported")
	}
	w.WriteString(":" + string(s))
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

// float writes a float with its decimal point, as Ruby does.
func (w *valueWriter) float(n float64) {
	s := strconv.FormatFloat(n, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	if len(s) > 16 || strings.HasPrefix(s, "0.0000") {
		unsupported(w.at, "", "this number as text is not supported")
	}
	w.WriteString(s)
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
		case *hash, *uri, *regex, *span, *exception:
			unsupported(at, "", "comparing %s is not supported", className(v))
		}
	}
	order, comparable := compare(a, b)
	return a == b || comparable && order == 0
}

// compare is <=>; ok is false for what cannot be compared.
func compare(a, b any) (order int, ok bool) {
	switch x := a.(type) {
	case string:
		y, ok := b.(string)
		return strings.Compare(x, y), ok
	case symbol:
		y, ok := b.(symbol)
		return strings.Compare(string(x), string(y)), ok
	}
	x, isNumber := toFloat(a)
	y, areNumbers := toFloat(b)
	return cmp.Compare(x, y), isNumber && areNumbers
}

func toFloat(v any) (float64, bool) {
	switch v := v.(type) {
	case int:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

// parents are the classes of exceptions, each with what it is a kind of.
var parents = map[string]string{
	"StandardError": "Exception", "SystemExit": "Exception", "LoadError": "ScriptError", "ScriptError": "Exception",
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
