// SQLite's return codes and handles, turned into values and one-line errors.
// SPDX-License-Identifier: Apache-2.0
#include "lab/database.h"

namespace gradkeep::lab {

void fail(sqlite3* handle, const std::string& path, int code) {
  std::string reason;
  switch (code & 0xff) {
    case SQLITE_FULL:
      reason = "the disk is full; what was stored before is kept";
      break;
    case SQLITE_READONLY:
    case SQLITE_PERM:
      reason = "no permission to write the store or its folder";
      break;
    case SQLITE_CANTOPEN:
      reason = "cannot open the store: its folder must exist and allow reading and writing";
      break;
    case SQLITE_NOTADB:
      reason = "not a gradkeep store (not an SQLite file)";
      break;
    case SQLITE_CORRUPT:
      reason = "the store is damaged; expected an SQLite file written by gradkeep";
      break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      reason = "the store is in use by another program; try again when that has ended";
      break;
    case SQLITE_IOERR:
      reason = "the store cannot be read or written (input/output error); what was stored is kept";
      break;
    default:
      reason =
          std::string("SQLite says: ") + (handle ? sqlite3_errmsg(handle) : sqlite3_errstr(code));
  }
  throw Error(path + ": " + reason);
}

Connection::Connection(const std::string& path, int flags) : path_(path) {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  handle_.reset(handle);
  if (code != SQLITE_OK) fail(handle, path_, code);
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, 10'000);
}

void Connection::execute(const char* sql) {
  const int code = sqlite3_exec(handle(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(handle(), path_, code);
}

std::int64_t Connection::number(const char* sql) {
  Statement statement(*this, sql);
  return statement.step() ? statement.integer() : 0;
}

Statement::Statement(Connection& connection, const char* sql) : connection_(connection) {
  sqlite3_stmt* statement = nullptr;
  check(sqlite3_prepare_v2(connection.handle(), sql, -1, &statement, nullptr));
  statement_.reset(statement);
}

void Statement::check(int code) {
  if (code != SQLITE_OK) fail(connection_.handle(), connection_.path(), code);
}

Statement& Statement::bind(std::int64_t value) {
  check(sqlite3_bind_int64(statement_.get(), ++bound_, value));
  return *this;
}

Statement& Statement::bind(double value) {
  check(sqlite3_bind_double(statement_.get(), ++bound_, value));
  return *this;
}

Statement& Statement::bind(std::string_view value) {
  check(sqlite3_bind_text(statement_.get(), ++bound_, value.data(), static_cast<int>(value.size()),
                          SQLITE_TRANSIENT));
  return *this;
}

bool Statement::step() {
  column_ = 0;
  const int code = sqlite3_step(statement_.get());
  if (code != SQLITE_ROW && code != SQLITE_DONE)
    fail(connection_.handle(), connection_.path(), code);
  return code == SQLITE_ROW;
}

void Statement::run() {
  while (step()) {
  }
  sqlite3_reset(statement_.get());
  bound_ = 0;
}

std::int64_t Statement::integer() { return sqlite3_column_int64(statement_.get(), column_++); }

double Statement::real() {
  const int column = column_++;
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL
             ? std::numeric_limits<double>::quiet_NaN()
             : sqlite3_column_double(statement_.get(), column);
}

std::string Statement::text() {
  const int column = column_++;
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  return bytes ? std::string(bytes, sqlite3_column_bytes(statement_.get(), column)) : "";
}

}  // namespace gradkeep::lab
