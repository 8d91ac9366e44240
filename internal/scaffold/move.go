package scaffold

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"mrsk/internal/textfile"
)

// Change is a change that FromKamal made to a file, or one that the user has to make.
type Change struct {
	Path string // relative to the project
	Text string
	Todo bool // for the user to do
}

// FromKamal converts a project of Kamal in dir: it renames the folder .kamal to .mrsk, and Kamal's names in
// hooks, secrets files and the configuration. It returns the changes. If there is no .kamal, or there is
// already a .mrsk, it returns an error and changes nothing.
func FromKamal(dir string) ([]Change, error) {
	from, to := filepath.Join(dir, ".kamal"), filepath.Join(dir, ".mrsk")
	if _, err := os.Stat(from); errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("there is no folder .kamal to move")
	}
	if _, err := os.Lstat(to); err == nil {
		return nil, errors.New("there is a folder .mrsk already: move what is left in .kamal by hand")
	}
	var changes []Change
	for _, r := range renamings {
		paths, err := filepath.Glob(filepath.Join(dir, r.files))
		if err != nil {
			return changes, err
		}
		for _, path := range paths {
			found, err := r.apply(dir, path)
			if err != nil {
				return changes, err
			}
			changes = append(changes, found...)
		}
	}
	// The folder moves last, so that the command can be repeated after a failure.
	if err := os.Rename(from, to); err != nil {
		return changes, fmt.Errorf("move .kamal to .mrsk: %w", err)
	}
	changes = append([]Change{{Path: ".mrsk", Text: "was .kamal"}}, changes...)
	return append(changes, Change{
		Path: "the app", Todo: true,
		Text: "its containers now have MRSK_VERSION, MRSK_CONTAINER_NAME and MRSK_HOST in place of the KAMAL_ names",
	}), nil
}

// renaming is a replacement in some files of a project. look matches lines that the user should check.
type renaming struct {
	files string // a pattern
	from  *regexp.Regexp
	to    string
	look  *regexp.Regexp
}

var renamings = []renaming{
	{".kamal/hooks/*", regexp.MustCompile(`\bKAMAL_([A-Z_]+)`), "MRSK_$1", regexp.MustCompile(`\bkamal\b`)},
	{".kamal/secrets*", regexp.MustCompile(`\bkamal secrets\b`), "mrsk secrets", regexp.MustCompile(`\bkamal\b|KAMAL_`)},
	{"config/deploy*.yml", regexp.MustCompile(`(^|[\s"'])\.kamal/`), "$1.mrsk/", regexp.MustCompile(`\bkamal\b|KAMAL_`)},
}

// apply applies the replacement to one file and keeps the mode of the file.
func (r renaming) apply(dir, path string) ([]Change, error) {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return nil, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	name, err := filepath.Rel(dir, path)
	if err != nil {
		return nil, err
	}
	if rest, moves := strings.CutPrefix(name, ".kamal"+string(filepath.Separator)); moves {
		name = filepath.Join(".mrsk", rest)
	}
	renamed := r.from.ReplaceAll(text, []byte(r.to))
	var changes []Change
	if !bytes.Equal(text, renamed) {
		if err := textfile.Replace(path, renamed, info.Mode().Perm()); err != nil {
			return nil, fmt.Errorf("rename what is Kamal's: %w", err)
		}
		changes = append(changes, Change{Path: name, Text: r.summary(text)})
	}
	if lines := r.left(renamed); len(lines) > 0 {
		changes = append(changes, Change{Path: name, Todo: true, Text: "still has to do with kamal on line " + strings.Join(lines, ", ")})
	}
	return changes, nil
}

// summary lists the names that were replaced, each once.
func (r renaming) summary(text []byte) string {
	var all []string
	for _, old := range r.from.FindAll(text, -1) {
		word := strings.TrimLeft(string(old), " \t\r\n\"'")
		all = append(all, word+" is now "+r.from.ReplaceAllString(word, r.to))
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), ", ")
}

// left returns the numbers, from 1, of the lines that the user should check.
func (r renaming) left(text []byte) []string {
	var lines []string
	for i, line := range bytes.Split(text, []byte("\n")) {
		if r.look.Match(line) && !bytes.HasPrefix(bytes.TrimSpace(line), []byte("#")) {
			lines = append(lines, fmt.Sprint(i+1))
		}
	}
	return lines
}
