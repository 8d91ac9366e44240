package erb

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// The values of Ruby are: nil, bool, int, float64, string, and these. Texts do not change; lists
// and hashes do.
type (
	symbol string
	array  struct{ items []any }
	// span is a range.
	span struct {
		from, to any
		short    bool // without its end: a...b
	}
	// module is a class or module, or another thing that only its name tells apart.
	module string
	// ended is the status of a command.
	ended struct{ status int }
	// moment is a time, or with day a date.
	moment struct {
		time.Time
		day bool
	}
	// file is an open one, which has been read.
	file struct{ text string }
)

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

// spread is what * makes of a value, and an assignment to more than one place.
func spread(v any) []any {
	switch v := v.(type) {
	case *array:
		return v.items
	case nil:
		return nil
	case *hash:
		return v.pairs()
	case *span:
		if items, finite := v.items(); finite {
			return items
		}
	}
	return []any{v}
}

// className is the class of a value.
func className(v any) string {
	switch v := v.(type) {
	case nil:
		return "NilClass"
	case bool:
		if v {
			return "TrueClass"
		}
		return "FalseClass"
	case int:
		return "Integer"
	case float64:
		return "Float"
	case string:
		return "String"
	case symbol:
		return "Symbol"
	case *array:
		return "Array"
	case *hash:
		return "Hash"
	case *span:
		return "Range"
	case *regex:
		return "Regexp"
	case *match:
		return "MatchData"
	case *proc:
		return "Proc"
	case *exception:
		return v.class
	case module:
		return "Module"
	case *address:
		return "URI::Generic"
	case moment:
		if v.day {
			return "Date"
		}
		return "Time"
	case file:
		return "File"
	}
	return "Process::Status"
}

// toText is what an output tag and #{} make of a value.
func (in *interp) toText(v any, at int) string {
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
		if v == "self" {
			return "main"
		}
		return string(v)
	case *address:
		return v.String()
	case moment:
		return v.text()
	case *match:
		return v.text(0)
	case *span:
		dots := ".."
		if v.short {
			dots = "..."
		}
		return in.toText(v.from, at) + dots + in.toText(v.to, at)
	case *proc, *ended, file:
		beyond(at, "a %s has no text", className(v))
	}
	return in.inspect(v, at)
}

// inspect is a value as it is written in code.
func (in *interp) inspect(v any, at int) string {
	w := &literal{in: in, at: at}
	w.write(v, 0)
	return w.String()
}

// literal writes values as code.
type literal struct {
	strings.Builder
	in *interp
	at int
}

func (w *literal) write(v any, depth int) {
	w.in.step(w.at)
	if depth > maxWritten || w.Len() > maxText {
		limit(w.at, "this value is too large to be written out")
	}
	switch v := v.(type) {
	case nil:
		w.WriteString("nil")
	case bool:
		w.WriteString(strconv.FormatBool(v))
	case int:
		w.WriteString(strconv.Itoa(v))
	case float64:
		w.WriteString(floatText(v))
	case string:
		w.WriteString(quote(v))
	case symbol:
		w.WriteString(":" + symbolText(v))
	case *array:
		w.array(v, depth)
	case *hash:
		w.hash(v, depth)
	case *regex:
		w.WriteString("/" + v.source + "/" + v.flags)
	default:
		w.WriteString(w.in.toText(v, w.at))
	}
}

func (w *literal) array(v *array, depth int) {
	w.WriteString("[")
	for i, item := range v.items {
		if i > 0 {
			w.WriteString(", ")
		}
		w.write(item, depth+1)
	}
	w.WriteString("]")
}

func (w *literal) hash(v *hash, depth int) {
	w.WriteString("{")
	for i, key := range v.keys {
		if i > 0 {
			w.WriteString(", ")
		}
		if name, ok := key.(symbol); ok {
			w.WriteString(symbolText(name) + ": ")
		} else {
			w.write(key, depth+1)
			w.WriteString(" => ")
		}
		item, _ := v.get(key)
		w.write(item, depth+1)
	}
	w.WriteString("}")
}

func symbolText(s symbol) string {
	for i := range len(s) {
		if last := i == len(s)-1 && (s[i] == '?' || s[i] == '!'); !isWord(s[i]) && !last {
			return quote(string(s))
		}
	}
	if s == "" {
		return `""`
	}
	return string(s)
}

// escapes are the characters that have a short form in a text in double quotes.
var escapes = strings.NewReplacer(
	`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`, "\r", `\r`, "\x1b", `\e`, "\a", `\a`, "\b", `\b`, "\v", `\v`, "\f", `\f`,
	"#{", `\#{`, "#$", `\#$`, "#@", `\#@`, "\x00", `\0`,
)

func quote(s string) string { return `"` + escapes.Replace(s) + `"` }

// floatText writes a float as Ruby does: with a decimal point, and an exponent from 1e16 on.
func floatText(n float64) string {
	switch {
	case math.IsInf(n, 1):
		return "Infinity"
	case math.IsInf(n, -1):
		return "-Infinity"
	case math.IsNaN(n):
		return "NaN"
	}
	if size := math.Abs(n); size != 0 && (size >= 1e16 || size < 1e-4) {
		s := strconv.FormatFloat(n, 'e', -1, 64)
		if mantissa, exponent, _ := strings.Cut(s, "e"); !strings.Contains(mantissa, ".") {
			s = mantissa + ".0e" + exponent
		}
		return s
	}
	s := strconv.FormatFloat(n, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}
