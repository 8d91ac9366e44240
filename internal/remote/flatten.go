package remote

import (
	"path/filepath"
	"strings"

	"mrsk/internal/textfile"
)

// honoured are the keywords of the ssh configuration that count here.
var honoured = map[string]bool{
	"hostname": true, "user": true, "port": true, "identityfile": true,
	"identitiesonly": true, "identityagent": true, "proxyjump": true, "proxycommand": true,
	"userknownhostsfile": true, "globalknownhostsfile": true, "stricthostkeychecking": true,
	"hostkeyalias": true, "serveraliveinterval": true, "serveralivecountmax": true,
	"connecttimeout": true, "forwardagent": true,
}

// flattened is an ssh configuration with its includes put in place.
type flattened struct {
	plain   string // without Match blocks
	matters bool   // something in it is honoured
	uniform bool   // it says the same of every host
	hashed  bool   // names are hashed in known_hosts: too common a system default to ask ssh for
}

const maxIncludes = 16

// flatten reads files, those that are not there as if empty.
func flatten(paths []string, home string) flattened {
	f := flattener{home: home, out: flattened{uniform: true}}
	for _, p := range paths {
		f.section, f.skip = "Host *", false
		f.line(f.section)
		f.file(p, 0)
	}
	f.out.plain = f.b.String()
	return f.out
}

type flattener struct {
	home    string
	b       strings.Builder
	section string // the Host line in force
	skip    bool   // in a Match block
	out     flattened
}

func (f *flattener) line(text string) { f.b.WriteString(text + "\n") }

func (f *flattener) file(path string, depth int) {
	data, err := textfile.Read(path)
	if err != nil || depth > maxIncludes {
		return
	}
	for line := range strings.Lines(string(data)) {
		f.directive(strings.TrimSpace(line), path, depth)
	}
}

func (f *flattener) directive(line, path string, depth int) {
	key, value := keyword(line)
	switch key {
	case "host":
		f.enter("Host "+value, value != "*", false)
	case "match":
		if strings.EqualFold(value, "all") {
			f.enter("Host *", false, false)
			return
		}
		f.enter("Host *", true, true)
	case "include":
		f.include(fields(value), path, depth)
	case "":
	default:
		f.note(key, value)
		if !f.skip {
			f.line(line)
		}
	}
}

func (f *flattener) enter(section string, selective, skip bool) {
	f.section, f.skip = section, skip
	f.out.uniform = f.out.uniform && !selective
	if !skip {
		f.line(section)
	}
}

func (f *flattener) note(key, value string) {
	if strings.HasPrefix(key, "canonical") || strings.Contains(value, "%") || key == "hostname" {
		f.out.uniform = false
	}
	f.out.hashed = f.out.hashed || key == "hashknownhosts" && strings.EqualFold(value, "yes")
	f.out.matters = f.out.matters || honoured[key] || strings.HasPrefix(key, "canonical") || key == "tag"
}

// include puts files in place. The section that was in force is so again behind them.
func (f *flattener) include(patterns []string, from string, depth int) {
	section, skip := f.section, f.skip
	for _, p := range patterns {
		p = expandHome(p, f.home)
		if !filepath.IsAbs(p) {
			p = filepath.Join(f.base(from), p)
		}
		found, _ := filepath.Glob(p)
		for _, path := range found {
			f.file(path, depth+1)
		}
	}
	f.section, f.skip = section, skip
	if !skip {
		f.line(section)
	}
}

// base is where relative includes are looked for.
func (f *flattener) base(from string) string {
	if strings.HasPrefix(from, "/etc/ssh/") {
		return "/etc/ssh"
	}
	return filepath.Join(f.home, ".ssh")
}

// keyword splits a line of an ssh configuration; a comment or an empty line has no keyword.
func keyword(line string) (key, value string) {
	if line == "" || line[0] == '#' {
		return "", ""
	}
	at := strings.IndexAny(line, " \t=")
	if at < 0 {
		return strings.ToLower(line), ""
	}
	value = strings.TrimSpace(line[at:])
	value = strings.TrimSpace(strings.TrimPrefix(value, "="))
	return strings.ToLower(line[:at]), value
}
