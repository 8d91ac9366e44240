package remote

import (
	"fmt"
	"os"
	"os/user"
	"slices"
	"strconv"
	"strings"
)

// pathLists are the keywords that take several paths. ssh -G prints them in one line, without
// quotes, so that the line alone does not tell where a path ends.
var pathLists = []string{"userknownhostsfile", "globalknownhostsfile", "revokedhostkeys"}

// usualFiles is what our own file tells ssh as the value of UserKnownHostsFile, to learn that
// the configuration has none.
const usualFiles = "/nonexistent/mrsk/known_hosts"

// AmbiguousError is a list of paths that cannot be told apart.
type AmbiguousError struct{ Keyword, Printed string }

func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("%s: cannot tell which files %q are", e.Keyword, e.Printed)
}

// Hint says what may help.
func (e *AmbiguousError) Hint() string {
	return "name files without blanks in " + e.Keyword + " of the ssh configuration"
}

// splitLists puts the paths of d's lists in place of the lines that ssh has printed.
func splitLists(d directives, text flattened, t tokens) error {
	for _, key := range pathLists {
		if len(d[key]) == 0 {
			continue
		}
		switch printed := strings.Join(d[key], " "); {
		case printed == usualFiles:
			delete(d, key)
		case strings.EqualFold(printed, "none") || printed == "":
			d[key] = []string{}
		default:
			paths, err := splitList(printed, text.lists(key), t)
			if err != nil {
				return fmt.Errorf("%s: %w", key, err)
			}
			if paths == nil {
				return &AmbiguousError{Keyword: key, Printed: printed}
			}
			d[key] = paths
		}
	}
	return nil
}

// expandLists puts paths in place of lists that are already split.
func expandLists(d directives, t tokens) error {
	for _, key := range pathLists {
		words, set := d[key]
		if !set {
			continue
		}
		if len(words) == 1 && strings.EqualFold(words[0], "none") {
			words = nil
		}
		paths, err := t.paths(words)
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		d[key] = paths
	}
	return nil
}

// splitList finds printed among the lists that the files of the configuration have. It returns
// nil where none is the one, or two are that differ.
func splitList(printed string, written [][]string, t tokens) ([]string, error) {
	if len(written) == 0 {
		return strings.Fields(printed), nil // ssh's own default, which has no blanks in names
	}
	var found []string
	for _, words := range append(written, systemKnown) {
		paths, ok := matches(printed, words, t)
		switch {
		case !ok:
		case found != nil && !slices.Equal(found, paths):
			return nil, nil
		default:
			found = paths
		}
	}
	if found == nil && !strings.ContainsAny(printed, " \t") {
		path, err := t.path(strings.ReplaceAll(printed, "%", "%%"))
		return []string{path}, err
	}
	return found, nil
}

// matches reports whether ssh prints words as printed: some versions print them as they are
// written, and others what they stand for.
func matches(printed string, words []string, t tokens) ([]string, bool) {
	paths, err := t.paths(words)
	if err != nil {
		return nil, false
	}
	account := t
	account.local.Home = accountHome()
	theirs, err := account.paths(words)
	for _, form := range [][]string{words, paths, theirs} {
		if err == nil && strings.Join(form, " ") == printed {
			return paths, true
		}
	}
	return nil, false
}

func (t tokens) paths(words []string) ([]string, error) {
	out := []string{}
	for _, w := range words {
		path, err := t.path(w)
		if err != nil {
			return nil, err
		}
		out = append(out, path)
	}
	return out, nil
}

// accountHome is what ssh takes for ~, whatever HOME says.
func accountHome() string {
	if u, err := user.LookupId(strconv.Itoa(os.Getuid())); err == nil {
		return u.HomeDir
	}
	return ""
}
