package output

import (
	"os"
	"path/filepath"
	"strings"
	"time"

	"mrsk/internal/event"
)

// file is a log file: a line of text per record, and comments at its beginning and end.
type file struct {
	path string
	f    *os.File
	err  error // the first one; the rest is not tried
}

// create creates the file of a command that begins at the time at, and the folder.
func create(dir string, r Run, at time.Time) (*file, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	words := []string{at.Format("2006-01-02T15-04-05")}
	if r.Destination != "" {
		words = append(words, r.Destination)
	}
	name := strings.Join(append(words, strings.Fields(r.Command)...), "_") + ".log"
	path := filepath.Join(dir, name)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	return &file{path: path, f: f}, err
}

func (f *file) put(r record) {
	if f.err == nil {
		_, f.err = f.f.WriteString(r.line())
	}
}

// line returns the record as text. Records of mrsk about the log itself are comments.
func (r record) line() string {
	if r.name != "" {
		return "# " + r.at.Format(time.RFC3339) + " " + strings.ReplaceAll(r.text, "\n", "\n# ") + "\n"
	}
	text := r.text + "\n"
	if r.host != "" {
		text = r.host + ": " + text
	}
	return r.at.Format("15:04:05.000 ") + text
}

func (f *file) end() event.Event {
	if err := f.f.Close(); f.err == nil {
		f.err = err
	}
	if f.err != nil {
		return event.Warning{Text: "the log file is not complete: " + f.err.Error()}
	}
	return event.Note{Text: "Log: " + f.path}
}
