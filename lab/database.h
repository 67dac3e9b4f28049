// A thin layer over SQLite's C interface: handles that close themselves, statements that bind and
// read C++ values, and every failure turned into one line for the user. SQLite has no NaN, it
// stores it as NULL; so a real number is read back with NULL meaning NaN.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>

#include "gradkeep/core.h"

namespace gradkeep::lab {

// Throws the Error that explains `code` to a user.
[[noreturn]] void fail(sqlite3* handle, const std::string& path, int code);

class Connection {
 public:
  // flags as sqlite3_open_v2.
  Connection(const std::string& path, int flags);
  void execute(const char* sql);         // statements without results
  std::int64_t number(const char* sql);  // the first column of the first row
  sqlite3* handle() const { return handle_.get(); }
  const std::string& path() const { return path_; }

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  std::string path_;
  std::unique_ptr<sqlite3, Close> handle_;
};

// Binds in the order of the question marks, then steps through the rows.
class Statement {
 public:
  Statement(Connection& connection, const char* sql);

  Statement& bind(std::int64_t value);
  Statement& bind(int value) { return bind(static_cast<std::int64_t>(value)); }
  Statement& bind(double value);
  Statement& bind(std::string_view value);

  bool step();             // true: a row is there
  void run();              // to the end, then ready to be bound again
  std::int64_t integer();  // the columns of the row, from left to right
  int small() { return static_cast<int>(integer()); }
  double real();
  std::string text();

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  void check(int code);
  Connection& connection_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int bound_ = 0, column_ = 0;
};

// All or nothing: rolled back unless committed. BEGIN IMMEDIATE, so that two writers queue up
// instead of failing half way.
class Transaction {
 public:
  explicit Transaction(Connection& connection) : connection_(connection) {
    connection_.execute("BEGIN IMMEDIATE");
  }
  ~Transaction() {
    if (!committed_) sqlite3_exec(connection_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit() {
    connection_.execute("COMMIT");
    committed_ = true;
  }

 private:
  Connection& connection_;
  bool committed_ = false;
};

}  // namespace gradkeep::lab
