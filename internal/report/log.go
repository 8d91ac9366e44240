package report

import "unicode/utf8"

// The bounds of what is kept of output, in bytes. A host that is broken or hostile may write without end.
const (
	longLine = 8 << 10  // of one line; the rest is cut off
	keepHead = 32 << 10 // of the first lines of a step
	keepTail = 96 << 10 // of its last lines
	keepAll  = 32 << 20 // of all steps
	keepLate = 2 << 10  // of the last lines of a step, when all steps together have more than keepAll
)

// answers is the stream of a line that is an answer to a probe.
const answers = "probe"

// line is a line of the output of a step.
type line struct {
	stream string // stdout, stderr or answers
	text   string
}

// size is what a line counts towards the bounds.
func (l line) size() int { return len(l.text) + 1 }

// log keeps the first and the last lines of the output of a step.
type log struct {
	head, tail         []line
	headSize, tailSize int
	dropped            int // lines between head and tail
}

// add adds a line, and returns by how many bytes the log has grown. kept is how many bytes all logs have.
func (l *log) add(next line, kept int) (grown int) {
	before := l.headSize + l.tailSize
	if len(l.tail) == 0 && l.dropped == 0 && kept < keepAll && l.headSize+next.size() <= keepHead {
		l.head, l.headSize = append(l.head, next), l.headSize+next.size()
	} else {
		l.tail, l.tailSize = append(l.tail, next), l.tailSize+next.size()
		l.shorten(kept)
	}
	return l.headSize + l.tailSize - before
}

// shorten drops the first lines of a tail that is too long.
func (l *log) shorten(kept int) {
	most := keepTail
	if kept >= keepAll {
		most = keepLate
	}
	drop := 0
	for l.tailSize > most && drop < len(l.tail) {
		l.tailSize -= l.tail[drop].size()
		drop++
	}
	l.tail, l.dropped = l.tail[drop:], l.dropped+drop
}

// cut returns the beginning of a line that is too long.
func cut(text string) string {
	if len(text) <= longLine {
		return text
	}
	end := longLine
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + " …"
}
