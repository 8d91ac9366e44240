package doctor

import (
	"strconv"
	"strings"
	"time"

	"mrsk/internal/facts"
	"mrsk/internal/server"
)

// Host is what a host told of itself. What it did not tell is zero.
type Host struct {
	Name        string
	User        string
	Clock       time.Time
	Docker      string // version of the daemon
	DockerSays  string // why the version is not known: what the client printed
	Arch        string
	MaxSessions int // of sshd; 0 if not readable
	Missing     []string
	Disk        facts.Disk
	ImageSize   int64 // bytes of the largest image of the app
	Listening   []int // TCP ports on any address
	Published   []Published
}

// Published is a port of the host that leads to a container.
type Published struct {
	Container string
	Address   string // 0.0.0.0 and :: are all addresses
	Port      int    // of the host
}

// Read reads what workflow.Examine returned of a host. Lines that it does not know are ignored.
func Read(host string, text []byte) Host {
	h := Host{Name: host}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimRight(line, "\r\n"), " ")
		h.set(name, strings.TrimSpace(value))
	}
	return h
}

func (h *Host) set(name, value string) {
	n, _ := strconv.ParseInt(value, 10, 50)
	switch name {
	case "user":
		h.User = value
	case "clock":
		h.Clock = time.Unix(n, 0)
	case "docker":
		h.Docker, h.Arch, _ = strings.Cut(value, " ")
	case "denied":
		h.DockerSays = value
	case "sessions":
		h.MaxSessions = int(n)
	case "missing":
		h.Missing = append(h.Missing, value)
	case "disk":
		h.Disk, _ = server.ParseDisk(value)
	case "image":
		h.ImageSize = max(h.ImageSize, n)
	case "listens":
		h.Listening = append(h.Listening, int(n))
	case "published":
		h.readPublished(value)
	}
}

// readPublished reads a container's name and docker's list of ports: 0.0.0.0:80->80/tcp, [::]:80->80/tcp.
func (h *Host) readPublished(value string) {
	container, ports, _ := strings.Cut(value, " ")
	for one := range strings.SplitSeq(ports, ", ") {
		outside, _, found := strings.Cut(one, "->")
		at := strings.LastIndexByte(outside, ':')
		port, err := strconv.Atoi(outside[at+1:])
		if found && at >= 0 && err == nil {
			h.Published = append(h.Published, Published{container, strings.Trim(outside[:at], "[]"), port})
		}
	}
}
