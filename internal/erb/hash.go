package erb

import (
	"slices"
	"strconv"
	"strings"
)

// hash keeps its keys in their order.
type hash struct {
	keys     []any
	values   map[string]any
	standard any // what a missing key has
}

func newHash() *hash { return &hash{values: map[string]any{}} }

// keyText tells keys apart.
func keyText(key any) string { return keyAt(key, 0) }

func keyAt(key any, depth int) string {
	if depth > maxWritten {
		limit(0, "this key is nested too deeply")
	}
	switch k := key.(type) {
	case string:
		return "s" + k
	case symbol:
		return ":" + string(k)
	case int:
		return "i" + strconv.Itoa(k)
	case float64:
		return "f" + floatText(k)
	case bool:
		return "b" + strconv.FormatBool(k)
	case module:
		return "m" + string(k)
	case *array:
		var b strings.Builder
		for _, item := range k.items {
			b.WriteString(strconv.Quote(keyAt(item, depth+1)))
		}
		return "[" + b.String()
	case nil:
		return "nil"
	}
	limit(0, "a %s cannot be the key of a hash here", className(key))
	return ""
}

func (h *hash) get(key any) (any, bool) {
	v, found := h.values[keyText(key)]
	return v, found
}

func (h *hash) set(key, v any) {
	k := keyText(key)
	if _, found := h.values[k]; !found {
		h.keys = append(h.keys, key)
	}
	h.values[k] = v
}

func (h *hash) remove(key any) {
	k := keyText(key)
	if _, found := h.values[k]; !found {
		return
	}
	delete(h.values, k)
	h.keys = slices.DeleteFunc(h.keys, func(other any) bool { return keyText(other) == k })
}

func (h *hash) merge(other *hash) {
	for _, key := range other.keys {
		v, _ := other.get(key)
		h.set(key, v)
	}
}

func (h *hash) copy() *hash {
	same := newHash()
	same.standard = h.standard
	same.merge(h)
	return same
}

func (h *hash) pairs() []any {
	var all []any
	for _, key := range h.keys {
		v, _ := h.get(key)
		all = append(all, &array{[]any{key, v}})
	}
	return all
}

func (h *hash) list() []any {
	var all []any
	for _, key := range h.keys {
		v, _ := h.get(key)
		all = append(all, v)
	}
	return all
}
