package erb

import (
	"fmt"
	"strings"
	"time"
)

// timeFunctions are those of Time and Date, in the operator's zone.
func timeFunctions() methods {
	now := method{0, 0, func(c *call) any { return moment{Time: c.f.in.world.now()} }}
	today := method{0, 0, func(c *call) any {
		t := c.f.in.world.now()
		return moment{time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location()), true}
	}}
	return methods{
		"Time.now": now, "Time.current": now, "DateTime.now": now, "Date.today": today, "Date.current": today,
		"Time.at": {1, 1, func(c *call) any { return moment{Time: time.Unix(int64(c.int(0)), 0)} }},
	}
}

func (m moment) text() string {
	if m.day {
		return m.Format("2006-01-02")
	}
	if m.Location() == time.UTC {
		return m.Format("2006-01-02 15:04:05 UTC")
	}
	return m.Format("2006-01-02 15:04:05 -0700")
}

func momentMethods() methods {
	part := func(of func(t time.Time) any) method {
		return method{0, 0, func(c *call) any { return of(c.self.(moment).Time) }}
	}
	m := methods{
		"strftime": {1, 1, func(c *call) any { return strftime(c, c.self.(moment).Time, c.text(0)) }},
		"to_i":     part(func(t time.Time) any { return int(t.Unix()) }),
		"to_f":     part(func(t time.Time) any { return float64(t.UnixNano()) / 1e9 }),
		"year":     part(func(t time.Time) any { return t.Year() }),
		"month":    part(func(t time.Time) any { return int(t.Month()) }),
		"day":      part(func(t time.Time) any { return t.Day() }),
		"hour":     part(func(t time.Time) any { return t.Hour() }),
		"min":      part(func(t time.Time) any { return t.Minute() }),
		"sec":      part(func(t time.Time) any { return t.Second() }),
		"wday":     part(func(t time.Time) any { return int(t.Weekday()) }),
		"yday":     part(func(t time.Time) any { return t.YearDay() }),
		"to_date":  part(func(t time.Time) any { return moment{t, true} }),
		"to_time":  part(func(t time.Time) any { return moment{Time: t} }),
		"+":        {1, 1, func(c *call) any { return c.later(1) }},
		"-": {1, 1, func(c *call) any {
			if other, ok := c.args[0].(moment); ok {
				return c.self.(moment).Sub(other.Time).Seconds()
			}
			return c.later(-1)
		}},
	}
	m.alias(part(func(t time.Time) any { return moment{Time: t.UTC()} }), "utc", "getutc", "gmtime")
	m.alias(part(func(t time.Time) any { return moment{Time: t.Local()} }), "localtime", "getlocal")
	m.alias(method{0, 1, func(c *call) any {
		if t := c.self.(moment); !t.day {
			return t.Format("2006-01-02T15:04:05Z07:00")
		}
		return c.self.(moment).text()
	}}, "iso8601", "xmlschema")
	return m
}

// later is a time by seconds later, a date by days.
func (c *call) later(sign int) moment {
	m := c.self.(moment)
	n := sign * int(max(-1e9, min(c.number(), 1e9)))
	if m.day {
		return moment{m.AddDate(0, 0, n), true}
	}
	return moment{Time: m.Add(time.Duration(n) * time.Second)}
}

// layouts are the directives of strftime as Go writes them.
var layouts = map[byte]string{
	'Y': "2006", 'm': "01", 'd': "02", 'H': "15", 'M': "04", 'S': "05", 'y': "06", 'B': "January", 'b': "Jan", 'h': "Jan",
	'A': "Monday", 'a': "Mon", 'I': "03", 'p': "PM", 'P': "pm", 'Z': "MST", 'z': "-0700", 'e': "_2", 'j': "002", 'F': "2006-01-02",
	'T': "15:04:05", 'D': "01/02/06", 'R': "15:04", 'l': "_3", 'X': "15:04:05", 'x': "01/02/06",
}

func strftime(c *call, t time.Time, format string) string {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		i++
		short := format[i] == '-' && i+1 < len(format)
		if short {
			i++
		}
		text, known := directiveOf(t, format[i])
		if !known {
			beyond(c.at, "%%%c is not understood in a time's format", format[i])
		}
		if short {
			text = strings.TrimLeft(text, "0 ")
		}
		b.WriteString(text)
	}
	return b.String()
}

func directiveOf(t time.Time, c byte) (string, bool) {
	switch c {
	case '%':
		return "%", true
	case 's':
		return fmt.Sprint(t.Unix()), true
	case 'L':
		return fmt.Sprintf("%03d", t.Nanosecond()/1e6), true
	case 'N':
		return fmt.Sprintf("%09d", t.Nanosecond()), true
	case 'u':
		return fmt.Sprint((int(t.Weekday())+6)%7 + 1), true
	case 'V':
		_, week := t.ISOWeek()
		return fmt.Sprintf("%02d", week), true
	}
	layout, known := layouts[c]
	return t.Format(layout), known
}
