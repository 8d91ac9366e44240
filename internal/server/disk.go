package server

import (
	"strconv"
	"strings"

	"mrsk/internal/facts"
	"mrsk/internal/plan"
	"mrsk/internal/shell"
)

const seeDisk = "look at the disk"

// ObserveDisk returns the step that asks for the space of the file system with Docker's data. It does not
// fail if the host cannot tell.
func ObserveDisk() []plan.Step {
	return []plan.Step{{Name: seeDisk, Run: dockerDisk.Call().Or(shell.Text(":")), Captured: true}}
}

// ReadDisk fills in what ObserveDisk printed.
func ReadDisk(output func(step string) []byte, h *facts.Host) error {
	h.Disk, _ = ParseDisk(string(output(seeDisk)))
	return nil
}

// ParseDisk parses a line of df -Pk: file system, kilobytes in all, used, free, percent, mount point. The first
// may have spaces.
func ParseDisk(line string) (d facts.Disk, ok bool) {
	words := strings.Fields(line)
	for i := 1; i+3 < len(words); i++ {
		total, err := strconv.ParseInt(words[i], 10, 50)
		free, freeErr := strconv.ParseInt(words[i+2], 10, 50)
		if err == nil && freeErr == nil && strings.HasSuffix(words[i+3], "%") {
			return facts.Disk{Total: total << 10, Free: free << 10}, true
		}
	}
	return facts.Disk{}, false
}
