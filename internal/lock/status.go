package lock

import "mrsk/internal/facts"

// Status returns the locks in the facts of a host: the holder of the lease, and who set the freeze. Each is
// nil if there is none.
func Status(h facts.Host) (holder, freezer *Record) {
	return record(h.Lock.Holder), record(h.Lock.Freeze)
}

func record(text string) *Record {
	if text == "" {
		return nil
	}
	r := parse(text)
	return &r
}
