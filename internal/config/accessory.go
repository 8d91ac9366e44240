package config

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"mrsk/internal/yamltree"
)

// Accessory is a service that the app needs, such as a database or a cache. A deploy does not change
// it.
type Accessory struct {
	Name string
	// Service is the name of the container, the value of its label service, and the folder of its
	// files on the host; default <service>-<name>. All destinations use the same.
	Service  string
	Image    string   // full reference, including the server of Registry; may be "", see CheckImages
	Registry Registry // the accessory's own; if it is None, the registry of the root applies
	Hosts    []string
	Cmd      string   // shell words after the image, split by the host's shell; "" is the image's command
	Ports    []string // as docker run --publish takes them; may hold ${NAME}
	Labels   []Pair
	Options  []Option
	Restart  string // docker's restart policy, default "unless-stopped"
	Env      Env
	Files    []Mount // files of the project; Local is relative to it
	// Directories are folders of the host; Local is relative to the accessory's folder unless it
	// begins with a slash.
	Directories []Mount
	Volumes     []string
	Network     string // Docker network to join; "" is the constant Network
	Logging     Logging
	Proxy       *Proxy // nil if the accessory is not behind the proxy
	Pos         yamltree.Pos
}

// Mount is a file or a folder that is mounted into an accessory's container.
type Mount struct {
	Local   string
	Remote  string // path in the container
	Options string // of the mount, such as "ro,z"; "" is none
	Mode    string // in the form of chmod; "" keeps the mode
	Owner   string // in the form of chown; "" keeps the owner
	Pos     yamltree.Pos
}

// On reports whether the accessory runs on a host.
func (a Accessory) On(host string) bool { return slices.Contains(a.Hosts, host) }

// Ends reports whether the container may exit when its work is done. Docker does not restart such a
// container after exit status 0.
func (a Accessory) Ends() bool {
	return a.Proxy == nil && (a.Restart == "no" || strings.HasPrefix(a.Restart, "on-failure"))
}

// Path returns the path of a file on the host, relative to the home of the SSH user.
func (a Accessory) Path(file Mount) string {
	return a.Service + "/" + strings.TrimPrefix(file.Remote, "/")
}

// Folder returns the path of a directory on the host, absolute or relative to the home of the SSH user.
func (a Accessory) Folder(dir Mount) string {
	if strings.HasPrefix(dir.Local, "/") {
		return dir.Local
	}
	return a.Service + "/" + dir.Local
}

// Binds returns the volumes, files and directories, in this order, in the form of docker run --volume.
// They may contain ${NAME}, which the host's shell fills in.
func (a Accessory) Binds() []string {
	binds := slices.Clone(a.Volumes)
	for _, f := range a.Files {
		binds = append(binds, bind(a.Path(f), f))
	}
	for _, d := range a.Directories {
		binds = append(binds, bind(a.Folder(d), d))
	}
	return binds
}

func bind(path string, m Mount) string {
	if !strings.HasPrefix(path, "/") {
		path = "${HOME}/" + path
	}
	if m.Options == "" {
		return path + ":" + m.Remote
	}
	return path + ":" + m.Remote + ":" + m.Options
}

// accessoryFile is an accessory while it is read: sections that need the root's are not read yet.
type accessoryFile struct {
	Accessory
	registry, options, env, labels, proxy value
	places                                []place
}

// place is one of the keys host, hosts, role, roles, tag and tags, which select the hosts.
type place struct {
	key   string
	words []string
	at    value
}

var accessorySection = section[accessoryFile]{
	name: "accessories/<name>",
	doc: `A service that the app needs, such as a database. mrsk setup starts it, and a deploy does not touch it; see mrsk
accessory. Set exactly one of host, hosts, role, roles, tag and tags. The root's env, labels, volumes and proxy do not apply to it.
Relative paths on the host are below the folder <service> in the home of the SSH user.`,
	fields: []field[accessoryFile]{
		{"image", "string", "", "The image with registry and tag. Without the registry if the accessory has its own registry section. Required to create a container.", optionalWord(func(a *accessoryFile) *string { return &a.Image })},
		{"service", "string", "<service>-<name>", "Name of the container and of the folder on the host.", readAccessoryService},
		{"registry", "hash", "the root's", "Where the image comes from; see registry.", later(func(a *accessoryFile) *value { return &a.registry })},
		{"host", "string", "", "Run on this host.", readPlace},
		{"hosts", "array of strings", "", "Run on these hosts.", readPlaces},
		{"role", "string", "", "Run on the hosts of this role.", readPlace},
		{"roles", "array of strings", "", "Run on the hosts of these roles.", readPlaces},
		{"tag", "string", "", "Run on the hosts with this tag.", readPlace},
		{"tags", "array of strings", "", "Run on the hosts with one of these tags.", readPlaces},
		{"cmd", "string", "the image's", "Command to run, as shell words.", optionalWord(func(a *accessoryFile) *string { return &a.Cmd })},
		{"port", "string", "", "Port to publish: 3306 means 3306:3306; or [address:]port:port. Without an address everyone can reach it.", readPublished},
		{"labels", "hash of strings", "", "Labels of the container. The names that are reserved at the root are reserved here too.", later(func(a *accessoryFile) *value { return &a.labels })},
		{"options", "hash", "", "Options of docker run, as in a role. With options/restart no or on-failure the container may exit: exit status 0 counts as up.", later(func(a *accessoryFile) *value { return &a.options })},
		{"env", "hash", "", "Environment; see env. Tags are not supported here.", later(func(a *accessoryFile) *value { return &a.env })},
		{"files", "array", "", "Files of the project to mount: local:path[:options], or a hash; see accessories/<name>/files. A local file that ends in .erb is a template; it is rendered with the env of the accessory, including secrets.", readFiles},
		{"directories", "array", "", "Folders of the host to mount: folder:path[:options], or a hash; see accessories/<name>/files. Missing folders are created.", readDirectories},
		{"volumes", "array of strings", "", "Volumes, in the form of docker run --volume. The host fills in ${NAME}, $HOME, $PWD and a leading ~/.", volumes(func(a *accessoryFile) *[]string { return &a.Volumes })},
		{"network", "string", "", "Docker network to join. kamal means mrsk. name=NETWORK,alias=NAME gives the container another name there.", readNetwork},
		{"proxy", "hash", "", "Puts it behind the proxy; see proxy. Of the root's proxy only run applies.", later(func(a *accessoryFile) *value { return &a.proxy })},
	},
}

var mountSection = section[Mount]{
	name: "accessories/<name>/files",
	doc: `The long form of an entry of files and directories. A file is stored at <folder>/<remote> and replaced atomically. A directory
is at <folder>/<local>, or at its absolute path. Files can have secrets, so only the SSH user and root can enter the folder on the
host. The container can still read its mounts.`,
	fields: []field[Mount]{
		{"local", "string", "", "The file in the project, or the folder on the host. Required.", word(func(m *Mount) *string { return &m.Local })},
		{"remote", "string", "", "The absolute path in the container. Required.", word(func(m *Mount) *string { return &m.Remote })},
		{"mode", "string", defaultFileMode + " for files", "Permissions, in octal digits.", readMode},
		{"owner", "string", "the SSH user", "user or user:group. Names are looked up on the host, then in the image.", readOwner},
		{"options", "string", "", "Options of the mount, such as ro.", word(func(m *Mount) *string { return &m.Options })},
	},
}

func readAccessoryService(v value, a *accessoryFile) {
	name, ok := v.text()
	if ok && !dockerName.MatchString(name) {
		v.problem("%q should consist of letters, digits, - _ and ., and begin with a letter or a digit", name)
	}
	a.Service = name
}

// dockerName matches the container names that docker accepts.
var dockerName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]+$`)

func readPlace(v value, a *accessoryFile) {
	p := place{key: v.key(), at: v}
	if v.Kind == yamltree.List {
		v.advise("write "+p.key+"s for several", "should be a string, not an array")
	} else if name, ok := p.name(v); ok {
		p.words = []string{name}
	}
	a.places = append(a.places, p)
}

// name reads the name of a host, role or tag. The name of a host may be empty, as in servers, because
// some commands do not connect to it.
func (p place) name(v value) (string, bool) {
	if p.key == "host" || p.key == "hosts" {
		return v.text()
	}
	return v.word()
}

func readPlaces(v value, a *accessoryFile) {
	p := place{key: v.key(), at: v}
	if v.isOne() {
		v.advise("write "+strings.TrimSuffix(p.key, "s")+" for one", "should be an array, not %s", v.found())
		a.places = append(a.places, p)
		return
	}
	items, _ := v.array()
	for _, item := range items {
		if name, ok := p.name(item); ok {
			p.words = append(p.words, name)
		}
	}
	if v.Kind == yamltree.List && len(items) == 0 {
		v.nowhere("is empty, so the accessory has no host")
	}
	a.places = append(a.places, p)
}

// nowhere adds the notice that an accessory has no host. As in Kamal, only its own commands fail.
func (v value) nowhere(text string) {
	v.notice(Notice{Problem: yamltree.Problem{Text: text, Advice: v.hint("name a host before you boot it")}})
}

// key returns the last part of the path.
func (v value) key() string { return v.path[strings.LastIndexByte(v.path, '/')+1:] }

// published matches [[address:]port:]port[/protocol], where a port may be a range.
var published = regexp.MustCompile(`^(((\[[0-9a-fA-F:]+\]|[0-9.]+):)?([0-9]+(-[0-9]+)?)?:)?[0-9]+(-[0-9]+)?(/(tcp|udp|sctp))?$`)

// portsFit reports whether all numbers in text are at most 65535. 0 is allowed: docker then picks a free
// port of the host.
func portsFit(text string) bool {
	text, _, _ = strings.Cut(text, "/")
	text = text[strings.LastIndexAny(text, "].")+1:]
	for number := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ':' || r == '-' }) {
		if n, err := strconv.Atoi(number); err != nil || n > 65535 {
			return false
		}
	}
	return true
}

// readPublished reads port. It accepts several ports separated by " --publish ": Kamal does not check
// the value, and some projects use that.
func readPublished(v value, a *accessoryFile) {
	text, ok := v.word()
	if !ok {
		return
	}
	for port := range strings.SplitSeq(text, " --publish ") {
		switch {
		case !strings.Contains(port, "${") && !published.MatchString(port):
			v.advise("write 3306, 3307:3306 or 127.0.0.1:3306:3306", "%q is not a port", port)
		case !strings.Contains(port, "${") && !portsFit(port):
			v.problem("%q has a port above 65535", port)
		case !strings.Contains(port, ":"):
			number, _, _ := strings.Cut(port, "/")
			port = number + ":" + port
		}
		a.Ports = append(a.Ports, port)
	}
}

// defaultFileMode is the mode of an accessory's file, in octal digits.
const defaultFileMode = "755"

func readFiles(v value, a *accessoryFile) {
	a.Files = readMounts(v, false)
	for i := range a.Files {
		if a.Files[i].Mode == "" {
			a.Files[i].Mode = defaultFileMode
		}
	}
}

func readDirectories(v value, a *accessoryFile) { a.Directories = readMounts(v, true) }

// readMounts reads an array of mounts. A null section has none. onHost tells that Local is a path on
// the host and not in the project.
func readMounts(v value, onHost bool) []Mount {
	if v.Null {
		return nil
	}
	items, _ := v.array()
	var all []Mount
	for _, item := range items {
		m := Mount{Pos: item.Pos}
		if item.Kind == yamltree.Map {
			mountSection.read(item, &m)
		} else {
			readShortMount(item, &m)
		}
		if m.Remote = item.mounted(m.Remote); onHost {
			m.Local = item.mounted(m.Local)
		}
		all = append(all, m)
		checkMount(item, m)
	}
	return all
}

// mounted is hostPath for a part of a mount. A shell does not expand ~ there, so a path with ~ is
// returned as it is.
func (v value) mounted(path string) string {
	if strings.HasPrefix(path, "~") {
		return path
	}
	return v.hostPath(path)
}

// readShortMount reads local:remote[:options].
func readShortMount(v value, m *Mount) {
	if v.Kind != yamltree.Scalar || v.Null {
		v.shouldBe("a string or a hash")
		return
	}
	text, ok := v.word()
	if !ok {
		return
	}
	m.Local, m.Remote, _ = strings.Cut(text, ":")
	m.Remote, m.Options, _ = strings.Cut(m.Remote, ":")
	if m.Local == "" || m.Remote == "" {
		v.advise("write local:/path/in/container", "%q needs a local path and a path in the container", text)
	}
}

// checkMount reports missing keys, and paths that docker cannot mount or that leave the accessory's
// folder.
func checkMount(v value, m Mount) {
	if v.Kind == yamltree.Map {
		for _, key := range []string{"local", "remote"} {
			if v.Get(key) == nil {
				v.problem("%s is required", key)
			}
		}
	}
	for _, path := range []string{m.Local, m.Remote} {
		if strings.ContainsAny(path, ":\n") {
			v.problem("%q cannot be mounted: for docker, a path ends at the first colon", path)
		}
	}
	if m.Remote != "" && !strings.HasPrefix(m.Remote, "/") {
		v.problem("%q should be an absolute path in the container", m.Remote)
	}
	if slices.Contains(strings.Split(m.Remote, "/"), "..") {
		v.problem("%q must not contain ..", m.Remote)
	}
}

var (
	octalMode = regexp.MustCompile(`^(0o)?[0-7]{3,5}$`)
	ownerName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?$`)
)

func readMode(v value, m *Mount) {
	mode, ok := v.word()
	if ok && !octalMode.MatchString(mode) {
		v.advise(`write octal digits, such as "640"`, "%q is not a mode", mode)
	}
	m.Mode = strings.TrimPrefix(mode, "0o")
}

func readOwner(v value, m *Mount) {
	owner, ok := v.word()
	if ok && !ownerName.MatchString(owner) {
		v.problem("%q is not an owner such as 1000:1000", owner)
	}
	m.Owner = owner
}
