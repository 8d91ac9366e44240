package erb

import "strconv"

// hash keeps its keys in order.
type hash struct {
	keys   []any
	values map[string]any
}

func newHash() *hash { return &hash{values: map[string]any{}} }

// keyText tells keys apart.
func keyText(key any) string {
	switch k := key.(type) {
	case nil:
		return "nil"
	case string:
		return "s" + k
	case symbol:
		return ":" + string(k)
	case int:
		return "i" + strconv.Itoa(k)
	case bool:
		return "b" + strconv.FormatBool(k)
	}
	unsupported(0, "", "a %s is not supported as the key of a hash", className(key))
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

// pairs are lists of key and value.
func (h *hash) pairs() []any {
	var all []any
	for _, key := range h.keys {
		v, _ := h.get(key)
		all = append(all, &list{[]any{key, v}})
	}
	return all
}
