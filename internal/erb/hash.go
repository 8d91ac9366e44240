package erb

import "slices"

// hash keeps its keys in order.
type hash struct {
	keys   []any
	values map[any]any
}

func newHash() *hash { return &hash{values: map[any]any{}} }

func (h *hash) get(key any) (any, bool) {
	switch key.(type) {
	case nil, string, symbol, int, bool:
		v, found := h.values[key]
		return v, found
	}
	unsupported(0, "", "a %s is not supported as the key of a hash", className(key))
	return nil, false
}

func (h *hash) set(key, v any) {
	if _, found := h.get(key); !found {
		h.keys = append(h.keys, key)
	}
	h.values[key] = v
}

// pairs are lists of key and value.
func (h *hash) pairs() []any {
	all := slices.Clone(h.keys)
	for i, key := range all {
		all[i] = &list{[]any{key, h.values[key]}}
	}
	return all
}
