package yamltree

// Merge returns base overlaid with over. It merges maps recursively; any other value of over replaces the one of
// base. A nil node is absent. Values keep their positions, and keys of base keep their order. Neither argument is
// changed.
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
