package remote

import (
	"fmt"
	"os"
	"os/user"
	"slices"
	"strconv"
	"strings"
)

// pathLists are the keywords that take several paths. ssh -G prints the paths on one line without
// quotes, so a path with a blank cannot be told from two paths.
var pathLists = []string{"userknownhostsfile", "globalknownhostsfile", "revokedhostkeys"}

// usualFiles is the default that askSSH sets for UserKnownHostsFile. If ssh -G prints it, the
// configuration does not set the option.
const usualFiles = "/nonexistent/mrsk/known_hosts"

// AmbiguousError reports a list of paths that cannot be split.
type AmbiguousError struct {
	Keyword string
	Printed string // the list, as ssh -G prints it
}

func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("%s: cannot tell which files %q are", e.Keyword, e.Printed)
}

// Hint returns what may help.
func (e *AmbiguousError) Hint() string {
	return "name files without blanks in " + e.Keyword + " of the ssh configuration"
}

// splitLists replaces each line that ssh -G prints for a path list with the paths. The error is an
// *AmbiguousError if a line cannot be split.
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

// expandLists expands ~, tokens and variables in path lists that are already split.
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

// splitList finds the list in the configuration files that ssh has printed, and returns its paths. It
// returns nil if no list matches, or two different ones do.
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

// matches reports whether ssh -G prints words as printed, and returns the expanded paths. Some versions
// of ssh print the words unexpanded.
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

// accountHome returns the home folder of the account. ssh uses it for ~, and ignores HOME.
func accountHome() string {
	if u, err := user.LookupId(strconv.Itoa(os.Getuid())); err == nil {
		return u.HomeDir
	}
	return ""
}
