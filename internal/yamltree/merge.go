package yamltree

// Merge returns base with over laid on it: maps recurse, every other value of over replaces
// that of base. A nil node counts as absent. Each value keeps the place that it came from; a
// key that both have keeps its place in base's order.
func Merge(base, over *Node) *Node {
	switch {
	case over == nil:
		return base
	case base == nil || base.Kind != Map || over.Kind != Map:
		return over
	}
	merged := *base
	merged.Entries = make([]Entry, 0, len(base.Entries)+len(over.Entries))
	for _, e := range base.Entries {
		merged.Entries = append(merged.Entries, mergeEntry(e, over))
	}
	for _, e := range over.Entries {
		if base.Get(e.Key) == nil {
			merged.Entries = append(merged.Entries, e)
		}
	}
	return &merged
}

func mergeEntry(e Entry, over *Node) Entry {
	for _, other := range over.Entries {
		if other.Key == e.Key {
			other.Value = Merge(e.Value, other.Value)
			return other
		}
	}
	return e
}
