package remote

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"mrsk/internal/textfile"
)

// flattened is an SSH configuration with all included files inserted.
type flattened struct {
	lines   []configLine
	matters bool // it has keywords that are not harmless, so ssh -G has to be run
	uniform bool // its values are the same for every host
	hashed  bool // HashKnownHosts is on. Many systems set it, so it alone is no reason to run ssh -G
}

// configLine is a directive of an SSH configuration.
type configLine struct {
	block
	key   string // lower case
	value string // as it is written
	at    string // file:line
}

// block is the Host or Match block of a line. A file that is included from a block is a part of it: its own
// blocks apply only where that one does.
type block struct {
	hosts [][]string // the patterns of each Host line around the line; all must match
	match bool       // in a Match block, which only ssh can evaluate
}

// with returns the block of a Host line inside b.
func (b block) with(hosts []string) block {
	return block{append(slices.Clone(b.hosts), hosts), b.match}
}

// isForAll reports whether the lines of the block are for every host.
func (b block) isForAll() bool {
	return !b.match && !slices.ContainsFunc(b.hosts, func(patterns []string) bool { return !slices.Equal(patterns, []string{"*"}) })
}

func (b block) applies(host string) bool {
	return !slices.ContainsFunc(b.hosts, func(patterns []string) bool { return !matchesList(patterns, host) })
}

// maxIncludes is how deep files may include files. It is the limit of OpenSSH.
const maxIncludes = 16

// flatten reads the files. It ignores files that do not exist.
func flatten(paths []string, home string) (flattened, error) {
	f := flattener{home: home, out: flattened{uniform: true}}
	for _, p := range paths {
		f.around, f.now = block{}, block{}
		f.file(p, 0)
	}
	return f.out, errors.Join(f.problems...)
}

type flattener struct {
	home     string
	around   block  // the block that includes the file
	now      block  // the block of the next line
	at       string // file:line of the next line
	out      flattened
	problems []error
	tooDeep  bool // maxIncludes is exceeded; reading has stopped, as files that include each other would never end
}

func (f *flattener) file(path string, depth int) {
	if depth > maxIncludes {
		f.tooDeep = true
		f.problems = append(f.problems, fmt.Errorf("%s: files include each other more than %d times", f.at, maxIncludes))
		return
	}
	data, err := textfile.Read(path)
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		f.problems = append(f.problems, err)
		return
	}
	number := 0
	for line := range strings.Lines(string(data)) {
		if f.tooDeep {
			return
		}
		number++
		f.at = fmt.Sprintf("%s:%d", path, number)
		if err := f.directive(strings.TrimSpace(line), path, depth); err != nil {
			f.problems = append(f.problems, fmt.Errorf("%s:%d: %w", path, number, err))
		}
	}
}

func (f *flattener) directive(line, path string, depth int) error {
	key, value := keyword(line)
	switch key {
	case "":
	case "host", "include":
		words, err := splitWords(value)
		switch {
		case err != nil:
			return err
		case key == "host":
			f.enter(f.around.with(words))
		default:
			return f.include(words, path, depth)
		}
	case "match":
		f.enter(block{f.around.hosts, f.around.match || !strings.EqualFold(value, "all")})
	default:
		f.note(key, value)
		f.out.lines = append(f.out.lines, configLine{f.now, key, value, f.at})
	}
	return nil
}

func (f *flattener) enter(b block) {
	f.now = b
	f.out.uniform = f.out.uniform && b.isForAll()
}

func (f *flattener) note(key, value string) {
	if strings.HasPrefix(key, "canonical") || strings.Contains(value, "%") || key == "hostname" {
		f.out.uniform = false
	}
	f.out.hashed = f.out.hashed || key == "hashknownhosts" && strings.EqualFold(value, "yes")
	f.out.matters = f.out.matters || !harmless(key)
}

// include inserts files into the block of the line, which goes on after them.
func (f *flattener) include(patterns []string, from string, depth int) error {
	around, now := f.around, f.now
	defer func() { f.around, f.now = around, now }()
	for _, p := range patterns {
		if strings.ContainsAny(p, "$%") || strings.HasPrefix(p, "~") && !strings.HasPrefix(p, "~/") {
			return fmt.Errorf("include %s: only whole paths and ~/ are supported", p)
		}
		p = expandHome(p, f.home)
		switch {
		case filepath.IsAbs(p):
		case filepath.Dir(from) == filepath.Dir(systemConfig):
			// ssh, which is asked through a file of our own, would look for it in the home.
			return fmt.Errorf("include %s: write the whole path", p)
		default:
			p = filepath.Join(f.home, ".ssh", p)
		}
		found, _ := filepath.Glob(p)
		for _, path := range found {
			if f.tooDeep {
				return nil
			}
			if err := ownedByUser(path); err != nil {
				return err
			}
			f.around, f.now = now, now
			f.file(path, depth+1)
		}
	}
	return nil
}

// keyword splits a line into keyword and value. A comment or an empty line has no keyword.
func keyword(line string) (key, value string) {
	if line == "" || line[0] == '#' {
		return "", ""
	}
	at := strings.IndexAny(line, " \t=")
	if at < 0 {
		return bareKey(line), ""
	}
	value = strings.TrimSpace(line[at:])
	value = strings.TrimSpace(strings.TrimPrefix(value, "="))
	return bareKey(line[:at]), value
}

func bareKey(key string) string { return strings.ToLower(strings.Trim(key, `"`)) }

// lists returns the words of each line with the keyword, in every block.
func (f flattened) lists(key string) [][]string {
	var out [][]string
	for _, l := range f.lines {
		if words, err := splitWords(l.value); l.key == key && err == nil {
			out = append(out, words)
		}
	}
	return out
}
