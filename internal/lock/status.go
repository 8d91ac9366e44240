package lock

import "mrsk/internal/facts"

// Status reads the locks out of what was seen on a host: who works on the app, and who froze
// it, each nil when it is nobody.
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
